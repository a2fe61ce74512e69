package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.archive.queue.QueueFile;
import dev.caravan.event.NameZoo;
import dev.caravan.event.PathNames;
import dev.caravan.lab.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar looks after archives over a real SSH server with the real rsync. */
class ArchiveIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;
  private ArchiveSetup setup;

  @BeforeEach
  void setUp() throws Exception {
    setup = ArchiveSetup.in(folder);
  }

  @Test
  void aThousandFilesWithTheWorstNamesAreCopiedProvenAndDeleted() throws Exception {
    setup.archive("ts", SshServer.shared(), "delete_local_after: 1", "files_per_batch: 400");
    setup.makeQueue();
    List<String> names = new ArrayList<>();
    try (Connection connection = setup.connect()) {
      connection.setAutoCommit(false);
      for (int i = 0; names.size() < 1_000; i++) {
        for (String zoo : NameZoo.NAMES) {
          String name = "17000/d%d/%s".formatted(i, zoo);
          Path local = PathNames.resolve(setup.data("x").getParent(), name);
          byte[] content = (i + zoo).getBytes(UTF_8);
          Files.createDirectories(local.getParent());
          Files.write(local, content);
          Files.setLastModifiedTime(local, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
          Files.setPosixFilePermissions(local, PosixFilePermissions.fromString("rw-------"));
          byte[] path = PathNames.bytesOf(name);
          setup.register(
              connection, "ts", PathNames.bytesOf(PathNames.textOf(local)), path, content);
          names.add(name);
        }
      }
      byte[] evil = "17000/../../evil".getBytes(UTF_8);
      Files.writeString(setup.data("evil"), "evil");
      setup.register(
          connection,
          "ts",
          setup.data("evil").toString().getBytes(UTF_8),
          evil,
          "evil".getBytes(UTF_8));
      connection.commit();
    }
    try (CaravanProcess daemon = setup.caravan().start()) {
      daemon.await(
          "/api/archives/ts",
          LIMIT,
          answer -> answer.json().at("/states/removed").asInt() >= names.size());
      assertThat(daemon.get("/api/archives/ts/files?state=dead").json().at("/files"))
          .singleElement()
          .satisfies(file -> assertThat(file.path("reason").asText()).contains("leaves the base"));
      assertThat(folder.resolve("evil")).doesNotExist();
      for (String name : names) {
        Path copy = PathNames.resolve(setup.at("ts"), name);
        assertThat(Files.isRegularFile(copy)).as(name).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
            .isEqualTo("rw-rw-r--");
        assertThat(Files.getLastModifiedTime(copy).toInstant()).isEqualTo("2001-02-03T04:05:06Z");
      }
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(setup.at("ts").resolve("17000/d0"))))
          .isEqualTo("rwxrwxr-x");
      assertThat(files(setup.data("17000"))).as("left on this side").isEmpty();
      assertThat(daemon.get("/api/runs?operation=archive&limit=5").json().at("/runs/0/operation"))
          .hasToString("\"archive\"");
    }
  }

  @Test
  void twoArchivesShareADatabaseThatSqlAlchemyMadeAndWritesToAllTheTime() throws Exception {
    setup.archive("a", SshServer.shared());
    setup.archive("b", SshServer.shared());
    PythonQueue python = new PythonQueue(folder);
    assertThat(python.run("create", setup.queue())).isEmpty();
    try (CaravanProcess daemon = setup.caravan().start()) {
      assertThat(python.run("produce", setup.queue(), setup.data("p"), "200")).isEmpty();
      for (String archive : List.of("a", "b")) {
        daemon.await(
            "/api/archives/" + archive,
            LIMIT,
            answer ->
                answer.json().at("/states/copied").asInt() == 200
                    && answer.json().at("/num_files").asInt() == 200);
        assertThat(daemon.get("/api/archives/" + archive).json().at("/counters/errors_sqlite"))
            .hasToString("0");
      }
      assertThat(daemon.out() + daemon.err()).doesNotContain("locked", "SQLITE_BUSY");
      assertThat(
              setup.number("SELECT count(*) FROM supersync_v0 WHERE remote_md5sum <> local_md5sum"))
          .isZero();
      assertThat(python.run("show", setup.queue()).lines())
          .as("what the classes of Python see of it")
          .containsExactlyInAnyOrder("a copied=200 copyable=0", "b copied=200 copyable=0");
    }
  }

  @Test
  void aDatabaseMadeHereIsTheOneThatSqlAlchemyMakes() throws Exception {
    Path theirs = folder.resolve("theirs.db");
    PythonQueue python = new PythonQueue(folder);
    assertThat(python.run("create", theirs)).isEmpty();
    setup.makeQueue();
    String tables =
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name LIKE '%~_v0' ESCAPE '~'"
            + " AND name NOT LIKE 'caravan%'";
    assertThat(plain(ArchiveSetup.texts(setup.queue(), tables)))
        .isEqualTo(plain(ArchiveSetup.texts(theirs, tables)))
        .hasSize(2);
    assertThat(python.run("create", setup.queue())).as("it finds all it needs").isEmpty();
    assertThat(python.run("produce", setup.queue(), setup.data("p"), "3")).isEmpty();
    assertThat(python.run("show", setup.queue()).lines())
        .containsExactlyInAnyOrder("a copied=0 copyable=3", "b copied=0 copyable=3");
    QueueFile.open(theirs).close();
    assertThat(python.run("produce", theirs, setup.data("q"), "3")).isEmpty();
    assertThat(python.run("show", theirs).lines()).hasSize(2);
  }

  private static List<String> plain(List<String> statements) {
    return statements.stream()
        .map(each -> each.replaceAll("\\s+", " ").replace(" ,", ",").replace(" )", ")").strip())
        .sorted()
        .toList();
  }

  @Test
  void aServerThatGoesAwayAndComesBackCostsNoFileAnAttempt() throws Exception {
    try (SshServer server = SshServer.startIn(folder.resolve("sshd"))) {
      setup.archive("a", server, "bwlimit: 4m", "delete_local_after: 0");
      setup.makeQueue();
      try (Connection connection = setup.connect()) {
        for (int i = 0; i < 6; i++) {
          Path file = setup.data("big" + i);
          Trees.write(file, new byte[2 << 20]);
          setup.register(connection, "a", file, "big" + i);
        }
      }
      try (CaravanProcess daemon = setup.caravan().start()) {
        daemon.await(
            "/api/archives/a",
            LIMIT,
            answer -> answer.json().at("/activity").asText().equals("copying"));
        server.crash();
        Answer down =
            daemon.await(
                "/api/archives/a", LIMIT, answer -> answer.json().at("/host_failures").asInt() > 0);
        assertThat(down.json().at("/error").asText()).contains("'a'", "127.0.0.1");
        assertThat(setup.number("SELECT sum(failed_copy_attempts) FROM supersync_v0")).isZero();
        assertThat(files(folder.resolve("data"))).hasSize(6);
        server.start();
        daemon.await(
            "/api/archives/a", LIMIT, answer -> answer.json().at("/states/removed").asInt() == 6);
        assertThat(setup.number("SELECT sum(failed_copy_attempts) FROM supersync_v0")).isZero();
        // Where the rsync of the server itself was killed, it left what it had begun under a name
        // of its own; what lies under the files' names is whole.
        assertThat(files(setup.at("a"))).filteredOn(name -> !name.startsWith(".")).hasSize(6);
        for (int i = 0; i < 6; i++) {
          assertThat(setup.at("a").resolve("big" + i)).hasSize(2 << 20);
        }
      }
    }
  }

  @Test
  void aServerWithAnotherHostKeyAndAKeyThatOthersCanReadAreRefusedClearly() throws Exception {
    SshServer server = SshServer.shared();
    Path strange = folder.resolve("known_hosts");
    Files.writeString(
        strange, server.read("known_hosts").replaceAll("ssh-ed25519 \\S+", other(server)));
    Path open = folder.resolve("open_key");
    Files.copy(server.file("id"), open);
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    setup.archive("host", server);
    setup.archive("key", server);
    setup.makeQueue();
    Path file = setup.data("f");
    Trees.write(file, "f");
    try (Connection connection = setup.connect()) {
      setup.register(connection, "host", file, "f");
      setup.register(connection, "key", file, "f");
    }
    CaravanSetup caravan =
        setup.caravan().set("archives[0].known_hosts=" + strange, "archives[1].ssh_key=" + open);
    try (CaravanProcess daemon = caravan.start()) {
      Answer host =
          daemon.await(
              "/api/archives/host",
              LIMIT,
              answer -> answer.json().at("/host_failures").asInt() > 0);
      assertThat(host.json().at("/error").asText()).contains("known_hosts");
      Answer key =
          daemon.await(
              "/api/archives/key", LIMIT, answer -> answer.json().at("/host_failures").asInt() > 0);
      assertThat(key.json().at("/error").asText()).contains("chmod 600");
      assertThat(setup.number("SELECT sum(failed_copy_attempts) FROM supersync_v0")).isZero();
      assertThat(file).exists();
    }
  }

  private static String other(SshServer server) throws IOException {
    String[] words = Files.readString(server.file("stranger.pub")).split(" ");
    return words[0] + " " + words[1];
  }

  @Test
  void aCopyThatWasTamperedWithIsRepairedAndNothingIsDeletedUnproven() throws Exception {
    setup.archive("a", SshServer.shared(), "delete_local_after: 2");
    setup.makeQueue();
    Path file = setup.data("f");
    Trees.write(file, "genuine");
    FileTime time = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    Files.setLastModifiedTime(file, time);
    try (Connection connection = setup.connect()) {
      setup.register(connection, "a", file, "f");
    }
    try (CaravanProcess daemon = setup.caravan().start()) {
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/copied").asInt() == 1);
      Files.writeString(setup.at("a").resolve("f"), "FORGED!");
      Files.setLastModifiedTime(setup.at("a").resolve("f"), time);
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/removed").asInt() == 1);
      assertThat(setup.at("a").resolve("f")).hasContent("genuine");
      assertThat(daemon.get("/observe/metrics").body())
          .contains("caravan_archive_events_total{archive=\"a\",event=\"lost\"} 1.0");
    }
  }

  @Test
  void operatorsWorkOnTheQueueWithAndWithoutADaemon() throws Exception {
    setup.plain("a", "remote_basedir: " + setup.at("a"), "max_copy_attempts: 2", "sleep_time: 0.2");
    Trees.write(setup.data("in/one file"), "1");
    Trees.write(setup.data("in/deep/two"), "2");
    CaravanSetup caravan = setup.caravan();
    Path in = setup.data("in");
    Outcome dry =
        caravan.cli("archive", "add-local-files", in + "", "a", "--last-edit", "0", "--dry");
    assertThat(dry.out()).startsWith("2 files would be registered").contains("deep/two");
    assertThat(caravan.cli("archive", "add-local-files", in + "", "a", "--last-edit", "0").out())
        .startsWith("2 files registered");
    assertThat(
            caravan.cli("archive", "add", "a", setup.data("in/one file") + "", "again").exitCode())
        .isZero();
    Outcome refused = caravan.cli("archive", "add", "a", setup.data("in/deep/two") + "", "again");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("other content");
    assertThat(caravan.cli("archive", "next", "a").out().lines()).hasSize(3);
    Files.delete(setup.data("in/deep/two"));
    try (CaravanProcess daemon = caravan.start()) {
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/dead").asInt() == 1);
      assertThat(caravan.cli("archive", "list", "a", "--state", "dead").out())
          .contains("deep/two", "is missing");
      assertThat(caravan.cli("archive", "check", setup.data("in/deep/two") + "").out())
          .contains("dead");
      Trees.write(setup.data("in/deep/two"), "2");
      assertThat(caravan.cli("archive", "retry", "a", "--all").out()).startsWith("1 file");
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/copied").asInt() == 3);
      String body = "{\"local_path\":\"%s\",\"remote_path\":\"%s\"}";
      assertThat(
              daemon
                  .post("/api/archives/a/files", body.formatted(in.resolve("deep/two"), "new"))
                  .status())
          .isEqualTo(201);
      assertThat(
              daemon
                  .post("/api/archives/a/files", body.formatted(in.resolve("deep/two"), "new"))
                  .status())
          .isEqualTo(200);
      assertThat(
              daemon
                  .post("/api/archives/a/files", body.formatted(in.resolve("deep/two"), "again"))
                  .status())
          .isEqualTo(409);
      for (String bad : List.of("", "/x", "../x")) {
        assertThat(
                daemon
                    .post("/api/archives/a/files", body.formatted(in.resolve("deep/two"), bad))
                    .status())
            .isEqualTo(422);
      }
      assertThat(daemon.get("/api/archives/none").status()).isEqualTo(404);
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/copied").asInt() == 4);
    }
  }

  @Test
  void anArchiveGoesToAnyRemote() throws Exception {
    Files.createDirectories(folder.resolve("disk"));
    setup.plain(
        "a",
        "remote: disk",
        "remote_basedir: kept/here",
        "delete_local_after: 0",
        "watch_dir: " + Files.createDirectories(folder.resolve("watched")),
        "watch_last_edit: 0",
        "sleep_time: 0.2");
    Trees.write(setup.data("f"), "f");
    CaravanSetup caravan =
        setup
            .caravan()
            .set(
                "storage.remotes=[{provider: dir, name: disk, path: %s}]"
                    .formatted(folder.resolve("disk")));
    assertThat(caravan.cli("archive", "add", "a", setup.data("f") + "", "x/f").exitCode()).isZero();
    try (CaravanProcess daemon = caravan.start()) {
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/removed").asInt() == 1);
      assertThat(folder.resolve("disk/kept/here/x/f")).hasContent("f");
      assertThat(setup.data("f")).doesNotExist();

      assertThat(daemon.post("/api/storage/drain?wait=20", "{\"remote\":\"disk\"}").status())
          .isEqualTo(200);
      assertThat(daemon.get("/api/archives/a").json().at("/held").asBoolean()).isTrue();
      String rounds = daemon.get("/api/archives/a").json().at("/counters/iterations").asText();
      Trees.write(folder.resolve("watched/y/by itself"), "g");
      assertThat(daemon.post("/api/storage/pause", "").status()).isEqualTo(200);
      assertThat(daemon.post("/api/storage/resume", "{\"remote\":\"disk\"}").status())
          .isEqualTo(200);
      Awaitility.await("no round, though there is something to do")
          .during(Duration.ofMillis(800))
          .atMost(LIMIT)
          .until(
              () ->
                  daemon
                      .get("/api/archives/a")
                      .json()
                      .at("/counters/iterations")
                      .asText()
                      .equals(rounds));
      assertThat(daemon.post("/api/storage/resume", "").status()).isEqualTo(200);
      daemon.await(
          "/api/archives/a", LIMIT, answer -> answer.json().at("/states/removed").asInt() == 2);
      assertThat(folder.resolve("disk/kept/here/y/by itself")).hasContent("g");
    }
  }

  /** Names of the files below a folder. */
  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    }
  }
}
