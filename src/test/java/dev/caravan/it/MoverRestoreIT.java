package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.S3Settings;
import dev.caravan.contract.TestContent;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.MadeSnapshot;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.lab.TreeFacts;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.S3Remote;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar bringing backups back from a real S3 server. */
class MoverRestoreIT {

  private static final String OLD = "2026-11-20-032800";
  private static final String NEW = "2026-11-21-032800";
  private static final String CUT = "2026-11-22-032800";

  @TempDir Path folder;
  private final S3Settings bucket = S3Server.CEPH.newBucket().prefix("team/volume").settings();
  private Path source;
  private Path to;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    to = folder.resolve("restored");
  }

  @Test
  void aSnapshotComesBackWholeIsListedAndVerified() throws Exception {
    Path last = folder.resolve("termination-log");
    CaravanSetup caravan =
        MoverSetup.in(folder, bucket)
            .env("SOURCE_PATH", source.toString())
            .env("TERMINATION_MESSAGE_PATH", last.toString())
            .env("ADD_TIMESTAMP_PREFIX", "true");
    backUp(caravan.env("BACKUP_TIMESTAMP", OLD));
    fill();
    backUp(caravan.env("BACKUP_TIMESTAMP", NEW));
    try (S3Remote remote = remote()) {
      put(remote, CUT + "/left-behind", "x");
    }
    int files = Trees.snapshot(source).size();

    Outcome restored = caravan.cli("datamover", "restore", "--to", to.toString());

    assertThat(restored.exitCode()).as("%s", restored).isZero();
    assertThat(TreeFacts.of(to)).isEqualTo(TreeFacts.of(source));
    assertThat(TreeFacts.differences(source, to)).isEmpty();
    assertThat(restored.out()).contains(NEW, files + " files fetched", "0 problems");
    assertThat(phases(restored)).containsExactly("connect", "transfer", "links", "folders", "end");
    assertThat(restored.err().strip()).endsWith("0 problems");
    assertThat(last).content().startsWith("Restore " + NEW);

    Outcome again = caravan.cli("datamover", "restore", "--to", to.toString());
    assertThat(again.exitCode()).as("%s", again).isZero();
    assertThat(again.out()).contains(" 0 files fetched", files + " there already");

    JsonNode list = caravan.cli("datamover", "list", "--json").json().path("snapshots");
    assertThat(list).extracting(row -> row.path("name").asText()).containsExactly(OLD, NEW, CUT);
    assertThat(list)
        .extracting(row -> row.path("state").asText())
        .containsExactly("complete", "complete", "incomplete");
    assertThat(list.get(1).path("files").asInt()).isEqualTo(files);
    assertThat(caravan.cli("datamover", "list").out()).contains(NEW, "incomplete");

    for (String mode : List.of("hash", "full")) {
      Outcome verified = caravan.cli("datamover", "verify", "--mode", mode);
      assertThat(verified.exitCode()).as("%s", verified).isZero();
      assertThat(verified.out()).contains(files + " files", "0 different");
      assertThat(phases(verified)).containsExactly("connect", "verify", "end");
      assertThat(last).content().startsWith("Verify " + NEW);
    }
    losesAndChanges(caravan);
  }

  private static List<String> phases(Outcome outcome) throws IOException {
    List<String> phases = new ArrayList<>();
    for (String line : outcome.out().lines().toList()) {
      phases.add(new ObjectMapper().readTree(line).path("phase").asText());
    }
    return phases;
  }

  private static void backUp(CaravanSetup caravan) {
    Outcome backup = caravan.cli("datamover");
    assertThat(backup.exitCode()).as("%s", backup).isZero();
  }

  private void losesAndChanges(CaravanSetup caravan) throws Exception {
    try (S3Remote remote = remote()) {
      assertThat(remote.delete(List.of(new ObjectKey(NEW + "/plain.txt")))).isEmpty();
      put(remote, NEW + "/with space", "CHANGED...");
    }
    for (String mode : List.of("hash", "full")) {
      Outcome verified = caravan.cli("datamover", "verify", "--snapshot", NEW, "--mode", mode);
      assertThat(verified.exitCode()).as("%s", verified).isEqualTo(1);
      assertThat(verified.err()).contains("plain.txt: it is not there", "with space: ");
      assertThat(verified.out()).contains("2 different");
    }
    Path other = folder.resolve("other");
    Outcome restored = caravan.cli("datamover", "restore", "--to", other.toString());
    assertThat(restored.exitCode()).as("%s", restored).isEqualTo(1);
    assertThat(restored.err()).contains("plain.txt", "with space");
    assertThat(other.resolve("one")).hasContent("x");
    assertThat(other.resolve("with space")).doesNotExist();
    losesItsManifest(caravan);
  }

  private void losesItsManifest(CaravanSetup caravan) throws Exception {
    try (S3Remote remote = remote()) {
      put(remote, ManifestObject.keyIn(NEW + "/").value(), "no manifest");
    }
    Path older = folder.resolve("older");
    Outcome newest = caravan.cli("datamover", "restore", "--to", older.toString());
    assertThat(newest.exitCode()).as("%s", newest).isEqualTo(1);
    assertThat(newest.err()).contains(NEW, "cannot be used", "datamover list", "--snapshot");
    assertThat(older).as("another one is not what was asked for").doesNotExist();
    Outcome other =
        caravan.cli("datamover", "restore", "--snapshot", OLD, "--to", older.toString());
    assertThat(other.exitCode()).as("%s", other).isZero();
    assertThat(caravan.cli("datamover", "list").out()).contains(OLD, NEW);
  }

  @Test
  void aMirrorOfAnotherToolsIsRestoredByItsName() throws Exception {
    try (S3Remote remote = remote()) {
      for (String key : List.of("a", "d/b", "2026-11-18-032800/c", "theirs/x")) {
        remote.put(new ObjectKey(key), new TextContent("of " + key));
      }
      remote.put(new ObjectKey(".caravan/prefixes/theirs"), new TextContent("another\n"));
    }
    CaravanSetup caravan = MoverSetup.in(folder, bucket);
    Outcome latest = caravan.cli("datamover", "restore", "--to", to.toString());
    assertThat(latest.exitCode()).as("%s", latest).isEqualTo(1);
    assertThat(latest.err()).contains("--snapshot mirror");
    Outcome plain =
        caravan.cli("datamover", "restore", "--snapshot", "mirror", "--to", to.toString());
    assertThat(plain.exitCode()).as("%s", plain).isZero();
    assertThat(plain.err()).contains("mirror has no manifest");
    assertThat(to.resolve("a")).hasContent("of a");
    assertThat(to.resolve("d/b")).hasContent("of d/b");
    assertThat(to.resolve("theirs")).doesNotExist();
    assertThat(to.resolve("2026-11-18-032800")).doesNotExist();
    S3Settings empty = S3Server.CEPH.newBucket().settings();
    Outcome none =
        MoverSetup.in(folder, empty)
            .cli("datamover", "restore", "--snapshot", "mirror", "--to", to.toString());
    assertThat(none.exitCode()).as("%s", none).isEqualTo(1);
    assertThat(none.err()).contains("There is no 'mirror'");
  }

  @Test
  void withoutRightsTheOwnersAreReportedAndTheRestComesBack() throws Exception {
    Trees.write(source.resolve("d/file"), "content");
    Files.setAttribute(source.resolve("d/file"), "unix:uid", 4242);
    Files.setAttribute(source.resolve("d/file"), "unix:mode", 04750);
    Files.setAttribute(source.resolve("d"), "unix:mode", 0550);
    try (S3Remote remote = remote()) {
      MadeSnapshot.of(source, remote, "");
    }
    Files.createDirectory(to);
    CaravanSetup caravan = MoverSetup.in(folder, bucket).asUser("nobody");
    Permissions.giveTo("nobody", folder);

    Outcome restored = caravan.cli("datamover", "restore", "--to", to.toString());

    assertThat(restored.exitCode()).as("%s", restored).isZero();
    assertThat(restored.err()).contains("d/file: its owner could not be set");
    assertThat(restored.out()).contains("mirror", "2 owners not set");
    assertThat(to.resolve("d/file")).hasContent("content");
    assertThat(mode(to.resolve("d"))).isEqualTo(0550);
    assertThat(mode(to.resolve("d/file"))).isEqualTo(0750);
    Outcome again = caravan.cli("datamover", "restore", "--to", to.toString());
    assertThat(again.exitCode()).as("%s", again).isZero();
  }

  @Test
  void aFullDiskAndWrongNamesAreSaidAndLeaveNothingTorn() throws Exception {
    Trees.write(source.resolve("big"), new byte[3 << 20]);
    Trees.write(source.resolve("small"), "small");
    try (S3Remote remote = remote()) {
      MadeSnapshot.of(source, remote, NEW + "/");
    }
    CaravanSetup caravan = MoverSetup.in(folder, bucket);
    Files.createDirectory(to);
    Permissions.mountMemory(to, "size=1m");
    try {
      Outcome full = caravan.cli("datamover", "restore", "--to", to.toString());
      assertThat(full.exitCode()).as("%s", full).isEqualTo(1);
      assertThat(full.err()).contains("big: the disk is full");
      assertThat(to.resolve("big")).doesNotExist();
      try (var left = Files.list(to)) {
        assertThat(left.map(path -> path.getFileName().toString())).isSubsetOf("small");
      }
    } finally {
      Permissions.unmount(to);
    }
    Outcome nothing = caravan.cli("datamover", "restore", "--snapshot", OLD);
    assertThat(nothing.exitCode()).as("%s", nothing).isEqualTo(1);
    assertThat(nothing.err()).contains(OLD, "datamover list");
    Outcome up = caravan.cli("datamover", "restore", "--path", "../x", "--to", to.toString());
    assertThat(up.exitCode()).as("%s", up).isEqualTo(1);
    assertThat(up.err()).contains("../x");
    Outcome unset = caravan.cli("datamover", "restore", "--path", "", "--to", to.toString());
    assertThat(unset.exitCode()).as("%s", unset).isEqualTo(1);
    assertThat(unset.err()).contains("--path is empty");
    Outcome nowhere = caravan.cli("datamover", "restore", "--to", "");
    assertThat(nowhere.exitCode()).as("%s", nowhere).isEqualTo(2);
    assertThat(nowhere.err()).contains("--to", "a path cannot be empty");
    for (String each : List.of("restore", "list", "verify")) {
      Outcome noKey = caravan.env("AWS_SECRET_ACCESS_KEY", "wrong").cli("datamover", each);
      assertThat(noKey.exitCode()).as("%s", noKey).isEqualTo(1);
      assertThat(noKey.err())
          .contains("(authentication): check AWS_ACCESS_KEY_ID")
          .doesNotContain("access_key_id,");
    }
  }

  @Test
  void aMirrorComesBackWhole() throws Exception {
    fill();
    CaravanSetup caravan = MoverSetup.in(folder, bucket).env("SOURCE_PATH", source.toString());
    backUp(caravan);
    Files.delete(source.resolve("plain.txt"));
    Trees.write(source.resolve("new"), "new");
    backUp(caravan);

    Outcome restored = caravan.cli("datamover", "restore", "--to", to.toString());

    assertThat(restored.exitCode()).as("%s", restored).isZero();
    assertThat(restored.out()).contains("Restore mirror", "0 problems");
    assertThat(TreeFacts.of(to)).isEqualTo(TreeFacts.of(source));
    assertThat(TreeFacts.differences(source, to)).isEmpty();
    Outcome verified = caravan.cli("datamover", "verify", "--snapshot", "mirror");
    assertThat(verified.exitCode()).as("%s", verified).isZero();
    JsonNode list = caravan.cli("datamover", "list", "--json").json().path("snapshots");
    assertThat(list).extracting(row -> row.path("name").asText()).containsExactly("mirror");
  }

  /** As the upstream image writes it, and without a line of ours. */
  @Test
  void aFolderThatRcloneWroteComesBackByItsName() throws Exception {
    Trees.many(source, 150, 200, 7);
    Trees.write(source.resolve("naïve name"), "x");
    rclone("copy", source.toString(), "lab:" + bucket.bucket() + "/team/volume/" + OLD);
    CaravanSetup caravan = MoverSetup.in(folder, bucket);

    Outcome latest = caravan.cli("datamover", "restore", "--to", to.toString());
    assertThat(latest.exitCode()).as("%s", latest).isEqualTo(1);
    assertThat(latest.err()).contains("no complete snapshot");

    Outcome named = caravan.cli("datamover", "restore", "--snapshot", OLD, "--to", to.toString());
    assertThat(named.exitCode()).as("%s", named).isZero();
    assertThat(named.err()).contains("has no manifest");
    assertThat(Trees.snapshot(to)).isEqualTo(Trees.snapshot(source));
  }

  /**
   * Sixteen at once, which is enough for a bucket nearby, make as many connections and few more.
   */
  @Test
  void aFarBucketIsAskedForMoreFilesAtOnce() throws Exception {
    Trees.many(source, 1_500, 100, 3);
    backUp(MoverSetup.in(folder, bucket).env("SOURCE_PATH", source.toString()));
    try (CountingProxy proxy = new CountingProxy(bucket.endpoint().orElseThrow())) {
      proxy.latency(Duration.ofMillis(15));
      S3Settings far = new S3Bucket(bucket).endpoint(proxy.endpoint()).settings();

      Outcome restored =
          MoverSetup.in(folder, far).cli("datamover", "restore", "--to", to.toString());

      assertThat(restored.exitCode()).as("%s", restored).isZero();
      assertThat(Trees.snapshot(to)).isEqualTo(Trees.snapshot(source));
      assertThat(proxy.injected(CountingProxy.Fault.LATE)).isGreaterThan(3_000);
      assertThat(proxy.connections()).isGreaterThan(20);
    }
  }

  private void fill() throws IOException {
    Trees.zoo(source);
    Trees.rawZoo(source);
    Files.createDirectories(source.resolve("empty-folder/in another"));
    Path shared = Files.createDirectory(source.resolve("shared"));
    Trees.write(shared.resolve("owned"), "owned");
    Trees.write(shared.resolve("big"), new byte[6 << 20]);
    Files.createSymbolicLink(source.resolve("link-up"), Path.of("../../etc/passwd"));
    Files.createSymbolicLink(shared.resolve("link-folder"), Path.of("/etc"));
    Files.setAttribute(shared.resolve("owned"), "unix:uid", 4242);
    Files.setAttribute(shared.resolve("owned"), "unix:gid", 4343);
    Files.setAttribute(shared.resolve("owned"), "unix:mode", 04640);
    Files.setAttribute(shared, "unix:gid", 4343);
    Files.setAttribute(shared, "unix:mode", 02770);
    Files.setAttribute(source.resolve("link-up"), "unix:uid", 4242, LinkOption.NOFOLLOW_LINKS);
    Instant time = Instant.parse("2011-11-11T11:11:11.111222333Z");
    Files.setLastModifiedTime(shared, FileTime.from(time));
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode") & 07777;
  }

  private static void put(S3Remote remote, String key, String text) throws Exception {
    remote.put(new ObjectKey(key), TestContent.of(text));
  }

  private S3Remote remote() {
    UploadJournal none =
        new UploadJournal() {
          @Override
          public void begun(ObjectKey key) {}

          @Override
          public void ended(ObjectKey key) {}
        };
    return new S3Remote(bucket, none, Clock.systemUTC());
  }

  private void rclone(String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("rclone");
    builder.command().addAll(List.of(arguments));
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(AWS|RCLONE|XDG)_.*"));
    environment.put("RCLONE_CONFIG", folder.resolve("rclone.conf").toString());
    environment.put("RCLONE_CONFIG_LAB_TYPE", "s3");
    environment.put("RCLONE_CONFIG_LAB_PROVIDER", "Other");
    environment.put("RCLONE_CONFIG_LAB_ACCESS_KEY_ID", S3Server.ACCESS_KEY);
    environment.put("RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY", S3Server.SECRET_KEY.reveal());
    environment.put("RCLONE_CONFIG_LAB_ENDPOINT", bucket.endpoint().orElseThrow().toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }
}
