package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.Mount;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.WebSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives when the process, or the disk at the destination, fails at the worst moment. */
class ArchiveFaultsIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int KILLS = 20;
  private static final int FILES = 3;
  private static final String ATTEMPTS =
      "SELECT sum(failed_copy_attempts) FROM supersync_v0 WHERE remote_path LIKE 'x/%'";

  @TempDir Path folder;
  private ArchiveSetup setup;

  @BeforeEach
  void setUp() throws Exception {
    setup = ArchiveSetup.in(folder);
  }

  @Test
  void aProcessThatIsKilledTwentyTimesBetweenCopyAndRecordLosesNothing() throws Exception {
    try (SshServer server = SshServer.startIn(folder.resolve("sshd"));
        WebSink people = new WebSink()) {
      people.answers(503);
      Path reached = folder.resolve("reached");
      Path go = folder.resolve("go");
      slowMd5sum(server, reached, go);
      setup.archive(
          "a",
          server,
          "delete_local_after: 0",
          "ssh_port: " + server.port(SshServer.Door.MD5_ONLY));
      setup.makeQueue();
      try (Connection connection = setup.connect()) {
        for (int i = 0; i < FILES; i++) {
          Trees.write(setup.data("f" + i), "content " + i);
          setup.register(connection, "a", setup.data("f" + i), "x/f" + i);
        }
        Trees.write(setup.data("evil"), "evil");
        setup.register(connection, "a", setup.data("evil"), "../evil");
      }
      CaravanSetup caravan =
          setup
              .caravan()
              .set("alerts.webhook_url=" + people.at("/hook"), "alerts.webhook_format=json");
      Path links = folder.resolve("store/.caravan/archive-links");
      for (int kill = 0; kill < KILLS; kill++) {
        try (CaravanProcess daemon = caravan.launched("run")) {
          daemon.awaitThat(LIMIT, () -> Files.exists(reached));
          assertThat(list(links)).as("what this process asks for, and none before it").hasSize(1);
          daemon.kill9();
        }
        assertThat(list(links)).as("what the kill left").hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(links)))
            .isEqualTo("rwx------");
        assertThat(setup.at("a").resolve("x/f0")).as("rsync had come to its end").exists();
        assertThat(setup.number("SELECT count(remote_md5sum) FROM supersync_v0"))
            .as("nothing was on record")
            .isZero();
        Files.delete(reached);
        people.answers(kill < 2 ? 503 : 200);
      }
      Files.createFile(go);
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ours().isEmpty());
      assertThat(setup.number(ATTEMPTS)).isZero();
      for (int i = 0; i < FILES; i++) {
        assertThat(setup.data("f" + i)).hasContent("content " + i);
      }
      try (CaravanProcess daemon = caravan.start()) {
        daemon.await(
            "/api/archives/a",
            LIMIT,
            answer -> answer.json().at("/states/removed").asInt() == FILES);
      }
      assertThat(setup.number(ATTEMPTS)).isZero();
      for (int i = 0; i < FILES; i++) {
        assertThat(setup.at("a").resolve("x/f" + i)).hasContent("content " + i);
        assertThat(setup.data("f" + i)).doesNotExist();
      }
      assertThat(list(links)).isEmpty();
      List<String> told =
          people.got().stream()
              .map(got -> String.valueOf(got.header("Idempotency-Key")))
              .filter(id -> id.startsWith("archive-given-up-a-"))
              .toList();
      assertThat(told).as("people were out, and heard of it later").hasSizeBetween(2, KILLS);
      assertThat(told.stream().distinct()).as("of one thing").hasSize(1);
    }
  }

  private static List<Path> list(Path links) throws IOException {
    try (var left = Files.list(links)) {
      return left.toList();
    }
  }

  /** An md5sum that says when it is asked, and waits to be let go on. */
  private static void slowMd5sum(SshServer server, Path reached, Path go) throws IOException {
    Path bin = server.file("bin");
    Files.createSymbolicLink(bin.resolve("rsync"), Path.of("/usr/bin/rsync"));
    Path md5sum = bin.resolve("md5sum");
    Files.delete(md5sum);
    Files.writeString(
        md5sum,
        """
        #!/bin/sh
        [ -e %1$s ] || : >%2$s
        for i in 1 2 3 4 5 6 7 8 9; do
          [ -e %1$s ] || /bin/sleep 2
        done
        exec /usr/bin/md5sum "$@"
        """
            .formatted(go, reached));
    Files.setPosixFilePermissions(md5sum, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Processes of this machine's side that a killed Caravan left. */
  private List<String> ours() {
    String mark = folder.resolve("sshd").resolve("id").toString();
    return ProcessHandle.allProcesses()
        .flatMap(process -> process.info().arguments().stream())
        .filter(arguments -> Arrays.stream(arguments).anyMatch(word -> word.contains(mark)))
        .map(arguments -> String.join(" ", arguments))
        .filter(line -> !line.contains("caravan.jar"))
        .toList();
  }

  @Test
  void aDiskThatIsFullAtTheDestinationIsSaidToBeAndCountsAgainstNoFile() throws Exception {
    setup.archive("a", SshServer.shared(), "files_per_batch: 10");
    setup.makeQueue();
    try (Mount disk = Mount.on(setup.at("a"), "caravan-archive", 1)) {
      Path ballast = setup.at("a").resolve("ballast");
      Files.write(ballast, new byte[800 << 10]);
      try (Connection connection = setup.connect()) {
        for (int i = 0; i < 3; i++) {
          Trees.write(setup.data("f" + i), "x".repeat(150 << 10));
          setup.register(connection, "a", setup.data("f" + i), "f" + i);
        }
      }
      try (CaravanProcess daemon = setup.caravan().start()) {
        Answer full =
            daemon.await(
                "/api/archives/a",
                LIMIT,
                // rsync does not always get to say why before it ends.
                answer -> answer.json().at("/error").asText().contains("No space left"));
        assertThat(full.json().at("/error").asText()).contains("free some space");
        assertThat(setup.number("SELECT sum(failed_copy_attempts) FROM supersync_v0")).isZero();
        Files.delete(ballast);
        daemon.await(
            "/api/archives/a", LIMIT, answer -> answer.json().at("/states/copied").asInt() == 3);
        assertThat(setup.number("SELECT sum(failed_copy_attempts) FROM supersync_v0")).isZero();
      }
    }
  }

  @Test
  @Tag("soak")
  void aCopyThatTakesTooLongIsEndedAndLeavesNoPartUnderItsName() throws Exception {
    setup.archive(
        "a", SshServer.shared(), "bwlimit: 100", "copy_timeout: 2", "max_copy_attempts: 1");
    setup.makeQueue();
    try (Connection connection = setup.connect()) {
      Trees.write(setup.data("big"), new byte[5 << 20]);
      setup.register(connection, "a", setup.data("big"), "big");
      Trees.write(setup.data("small"), "small");
      setup.register(connection, "a", setup.data("small"), "small");
    }
    try (CaravanProcess daemon = setup.caravan().start()) {
      daemon.await(
          "/api/archives/a",
          LIMIT,
          answer ->
              answer.json().at("/states/dead").asInt() == 1
                  && answer.json().at("/states/copied").asInt() == 1);
      assertThat(daemon.get("/api/archives/a").json().at("/counters/errors_timeout").asInt())
          .isPositive();
      assertThat(setup.at("a").resolve("big")).doesNotExist();
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                try (var left = Files.list(setup.at("a"))) {
                  assertThat(left).containsExactly(setup.at("a").resolve("small"));
                }
              });
      assertThat(setup.data("big")).exists();
    }
  }
}
