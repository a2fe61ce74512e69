package dev.caravan.it;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.config.SftpSettings;
import dev.caravan.event.Owner;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.S3Remote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no content comes back with it: modes, owners, times, links and empty folders. */
class MetadataIT {

  private static final String CHANGED = "changed/only its mode";

  private static final UploadJournal NOTHING_BEGUN =
      new UploadJournal() {
        @Override
        public void begun(ObjectKey key) {}

        @Override
        public void ended(ObjectKey key) {}
      };

  @TempDir Path old;
  @TempDir Path fresh;
  @TempDir Path place;

  @ParameterizedTest
  @ValueSource(strings = {"dir", "s3", "sftp", "rsync-server"})
  void everythingIsAsItWasOnANewMachine(String provider) throws Exception {
    roundTrip(provider);
  }

  /** The files are there as those of rsync over ssh, and set as those of {@code dir}. */
  @Test
  @Tag("soak")
  void everythingIsAsItWasAfterRsyncToAFolder() throws Exception {
    roundTrip("rsync");
  }

  private void roundTrip(String provider) throws Exception {
    Optional<S3Bucket> bucket =
        provider.equals("s3") ? Optional.of(S3Server.S3PROXY.newBucket()) : Optional.empty();
    CaravanSetup before = machine(old, provider, bucket);
    fill(before.store());
    good(before.cli("sync", "--json"));
    give(before.store().resolve(CHANGED), 0604, "4321:8765", "2021-02-03T04:05:06.777888999Z");
    JsonNode second = good(before.cli("sync", "--json"));
    assertThat(second.at("/counts/uploaded").asInt()).as("%s", second).isZero();
    assertAtRemote(bucket);
    Map<String, String> was = looks(before.store());

    good(before.cli("restore", "--all", "--json"));

    CaravanSetup after = machine(fresh, provider, bucket);
    Outcome restore = after.cli("restore", "--all", "--json");
    assertThat(restore.exitCode()).as("%s", restore).isEqualTo(3);
    assertThat(restore.err())
        .contains("leads to the absolute path /nowhere/outside", "out of the store");
    was.remove("out");
    was.remove("deep/up");
    assertThat(looks(after.store())).isEqualTo(was);
    JsonNode sync = good(after.cli("sync", "--json"));
    assertThat(sync.at("/counts/uploaded").asInt()).as("%s", sync).isZero();
  }

  @Test
  void whatCannotBeSetIsTold() throws Exception {
    CaravanSetup before = machine(old, "dir", Optional.empty());
    Path mine = before.store().resolve("mine");
    Trees.write(mine, "of root");
    give(mine, 0644, "0:0", "2020-01-01T00:00:00Z");
    good(before.cli("sync", "--json"));
    CaravanSetup after = machine(fresh, "dir", Optional.empty());
    Permissions.giveTo("nobody", fresh);
    Permissions.giveTo("nobody", place);
    Outcome restore = after.asUser("nobody").cli("restore", "--all", "--json");
    JsonNode run = good(restore);
    assertThat(restore.err()).contains("mine is back, but owner 0:0 could not be set");
    assertThat(run.at("/state").asText()).isEqualTo("succeeded");
    assertThat(run.at("/counts/restored").asInt()).isEqualTo(1);
  }

  @Test
  void whatItsOwnerRemovesIsForgottenAndNothingElseIs() throws Exception {
    CaravanSetup before = machine(old, "dir", Optional.empty());
    Files.createDirectories(before.store().resolve("stays/empty"));
    Path goes = Files.createDirectory(before.store().resolve("goes"));
    Path link = Files.createSymbolicLink(before.store().resolve("link"), Path.of("goes"));
    Trees.write(before.store().resolve("a"), "a");
    good(before.cli("sync", "--json"));
    Files.delete(goes);
    Files.delete(link);
    good(before.cli("sync", "--json"));
    good(before.cli("sync", "--json"));
    CaravanSetup after = machine(fresh, "dir", Optional.empty());
    good(after.cli("restore", "--all", "--json"));
    assertThat(looks(after.store())).containsOnlyKeys("a", "stays", "stays/empty");
  }

  private static void fill(Path store) throws Exception {
    Path file = store.resolve("a");
    Trees.write(file, "content");
    give(file, 0640, "1234:2345", "2026-03-01T12:34:56.123456789Z");
    Path program = store.resolve("program");
    Trees.write(program, "#!/bin/sh");
    give(program, 04751, "1234:0", "2001-09-09T01:46:40.000000001Z");
    Path changed = store.resolve(CHANGED);
    Trees.write(changed, new byte[300_000]);
    give(changed, 0600, "0:0", "2020-01-01T00:00:00.000000001Z");
    Path secret = store.resolve("deep/secret");
    Trees.write(secret, "x");
    Files.createDirectories(store.resolve("deep/er/empty"));
    Files.createDirectories(store.resolve("bare-äö"));
    Files.createSymbolicLink(store.resolve("deep/er/link"), Path.of("../secret"));
    Files.createSymbolicLink(store.resolve("deep/to-folder"), Path.of("er"));
    Files.createSymbolicLink(store.resolve("to-nothing"), Path.of("nowhere/ü"));
    Files.createSymbolicLink(store.resolve("out"), Path.of("/nowhere/outside"));
    Files.createSymbolicLink(store.resolve("deep/up"), Path.of("../../elsewhere"));
    Permissions.run("chown", "-h", "77:88", store.resolve("to-nothing").toString());
    give(store.resolve("bare-äö"), 01777, "5:6", "1999-12-31T23:59:59.999999999Z");
    give(store.resolve("deep/er/empty"), 0500, "7:8", "2010-01-01T00:00:00.5Z");
    give(store.resolve("deep/er"), 0755, "0:0", "2011-01-01T00:00:00.25Z");
    give(store.resolve("deep"), 0700, "1234:2345", "2012-01-01T00:00:00.125Z");
    give(store.resolve("changed"), 0755, "0:0", "2013-01-01T00:00:00Z");
  }

  private static void give(Path path, int mode, String owner, String time) throws IOException {
    Permissions.run("chown", owner, path.toString());
    Permissions.chmod(Integer.toOctalString(mode), path);
    Files.setLastModifiedTime(path, FileTime.from(Instant.parse(time)));
  }

  /** All below a folder but Caravan's own, and how each looks. */
  private static Map<String, String> looks(Path root) throws IOException {
    Map<String, String> looks = new TreeMap<>();
    List<Path> all = new ArrayList<>();
    try (Stream<Path> found = Files.walk(root)) {
      found.filter(path -> !path.equals(root)).forEach(all::add);
    }
    for (Path path : all) {
      if (!path.startsWith(root.resolve(".caravan"))) {
        Map<String, Object> seen =
            Files.readAttributes(path, "unix:mode,uid,gid,lastModifiedTime", NOFOLLOW_LINKS);
        FileTime time = (FileTime) seen.get("lastModifiedTime");
        String content =
            Files.isSymbolicLink(path)
                ? Files.readSymbolicLink(path).toString()
                : Files.isDirectory(path) ? "/" : "" + Files.size(path);
        looks.put(
            root.relativize(path).toString(),
            "%o %s:%s %d %s"
                .formatted(
                    (Integer) seen.get("mode"),
                    seen.get("uid"),
                    seen.get("gid"),
                    Files.isSymbolicLink(path)
                        ? time.to(TimeUnit.MICROSECONDS)
                        : time.to(TimeUnit.NANOSECONDS),
                    content));
      }
    }
    return looks;
  }

  /** A plain client finds mode and owner too, of the file that was changed without its content. */
  private void assertAtRemote(Optional<S3Bucket> bucket) throws Exception {
    Remote.Traits wanted =
        new Remote.Traits(OptionalInt.of(0604), Optional.of(new Owner(4321, 8765)));
    if (bucket.isPresent()) {
      try (Remote s3 = new S3Remote(bucket.get().settings(), NOTHING_BEGUN, Clock.systemUTC())) {
        assertThat(s3.traits(new ObjectKey(CHANGED))).isEqualTo(wanted);
        assertThat(s3.find(new ObjectKey(CHANGED)).orElseThrow().modifiedAt())
            .isEqualTo("2021-02-03T04:05:06.777888999Z");
      }
      return;
    }
    Path file = place.resolve(CHANGED);
    assertThat(Files.getAttribute(file, "unix:mode")).isEqualTo(0100604);
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(4321);
    assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(8765);
    assertThat(Files.getLastModifiedTime(file).to(TimeUnit.SECONDS))
        .isEqualTo(Instant.parse("2021-02-03T04:05:06Z").getEpochSecond());
  }

  private CaravanSetup machine(Path folder, String provider, Optional<S3Bucket> bucket)
      throws IOException {
    CaravanSetup caravan = CaravanSetup.in(folder);
    Files.createDirectories(caravan.store());
    if (bucket.isPresent()) {
      return caravan.config(S3Yaml.of(caravan.store(), bucket.get().settings()));
    }
    SftpSettings ssh = SshServer.shared().place(Door.SHELL, place).settings();
    String login =
        "port: %d, key_file: %s, known_hosts: %s"
            .formatted(ssh.port(), ssh.keyFile().orElseThrow(), ssh.knownHosts().orElseThrow());
    String remote =
        switch (provider) {
          case "dir", "rsync" -> "provider: %s, path: %s".formatted(provider, place);
          case "sftp" ->
              "provider: sftp, host: %s, user: %s, path: %s, %s"
                  .formatted(ssh.host(), ssh.user(), ssh.path(), login);
          default ->
              "provider: rsync, host: '%s@%s', path: %s, %s"
                  .formatted(ssh.user(), ssh.host(), ssh.path(), login);
        };
    return caravan.config(
        """
        store: {path: %s, settle: 0s, watch: false}
        storage:
          remotes: [{name: one, %s}]
        """
            .formatted(caravan.store(), remote));
  }

  private static JsonNode good(Outcome outcome) {
    assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    return outcome.json();
  }
}
