package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.S3Settings;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.lab.TreeFacts;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.S3Remote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The built jar backing folders up to real S3 servers, as a Job would. */
class MoverBackupIT {

  private static final String FIRST = "2026-11-18-032800";
  private static final String SECOND = "2026-11-19-032800";
  private static final String THIRD = "2026-11-20-032800";
  private static final int MANY = Integer.getInteger("caravan.mover.files", 10_000);

  @TempDir Path folder;
  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
  }

  @Test
  void whatIsWrongWithTheEnvironmentIsToldAtOnceAndNoSecretIs() throws Exception {
    Path last = folder.resolve("termination-log");
    Outcome outcome =
        CaravanSetup.in(folder)
            .env("AWS_SECRET_ACCESS_KEY", "a-very-secret-key")
            .env("TLS_HOST", "yes")
            .env("BUCKET_PORT", "https")
            .env("BACKUP_TIMESTAMP", "yesterday")
            .env("RCLONE_BWLIMIT", "fast")
            .env("SOURCE_PATH", folder.resolve("nowhere").toString())
            .env("TERMINATION_MESSAGE_PATH", last.toString())
            .cli("datamover");
    assertThat(outcome.exitCode()).as("%s", outcome).isEqualTo(1);
    assertThat(outcome.err())
        .contains("AWS_ACCESS_KEY_ID is missing", "BUCKET_HOST is missing", "BUCKET_NAME is")
        .contains("TLS_HOST:", "BUCKET_PORT:", "BACKUP_TIMESTAMP:", "RCLONE_BWLIMIT:")
        .contains("SOURCE_PATH: ")
        .doesNotContain("a-very-secret-key");
    assertThat(outcome.out()).isEmpty();
    assertThat(Files.readString(last)).startsWith("backup failed").contains("SOURCE_PATH: ");
  }

  @Test
  void aBucketThatCannotBeUsedIsDiagnosedInALineBeforeTheFirstByte() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().settings();
    Trees.write(source.resolve("a"), "a");
    Outcome noKey = mover(bucket).env("AWS_SECRET_ACCESS_KEY", "wrong").cli("datamover");
    assertThat(noKey.exitCode()).as("%s", noKey).isEqualTo(1);
    assertThat(end(noKey).path("error").asText())
        .startsWith("Connection test failed (authentication): check AWS_ACCESS_KEY_ID");
    Outcome noBucket = mover(bucket).env("BUCKET_NAME", "there-is-none").cli("datamover");
    assertThat(end(noBucket).path("error").asText())
        .startsWith("Connection test failed (missing bucket): create it, or check BUCKET_NAME");
    Outcome noServer = mover(bucket).env("BUCKET_PORT", "9").cli("datamover");
    assertThat(noServer.exitCode()).isEqualTo(1);
    assertThat(end(noServer).path("error").asText())
        .startsWith("Connection test failed (network): check BUCKET_HOST");
    assertThat(keys(bucket)).isEmpty();
  }

  @Test
  void aMirrorFollowsItsSourceAndIsNeverWiped() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().prefix("team/pvc").settings();
    Trees.zoo(source);
    for (int i = 0; i < 60; i++) {
      Trees.write(source.resolve("many/f" + i), "content " + i);
    }
    Path last = folder.resolve("termination-log");
    CaravanSetup mover = mover(bucket).env("TERMINATION_MESSAGE_PATH", last.toString());
    Outcome first = mover.cli("datamover");
    assertThat(first.exitCode()).as("%s", first).isZero();
    assertThat(phases(first))
        .containsExactly("connect", "plan", "transfer", "manifest", "retention", "end");
    assertThat(Files.readString(last)).startsWith("backup succeeded");

    Files.delete(source.resolve("many/f7"));
    Trees.write(source.resolve("many/f8"), "changed");
    Outcome second = mover.cli("datamover");
    assertThat(second.exitCode()).as("%s", second).isZero();
    assertThat(end(second).path("uploaded").asInt()).isEqualTo(1);
    assertThat(end(second).path("deleted").asInt()).isEqualTo(1);
    Set<String> held = keys(bucket);
    assertThat(held).contains("many/f8").doesNotContain("many/f7");
    assertThat(held).anyMatch(key -> key.matches("\\.caravan/trash/[0-9-]+/many/f7"));
    restored(bucket, "mirror");

    Path aside = Files.move(source.resolve("many"), folder.resolve("aside"));
    Outcome shrunken = mover.cli("datamover");
    assertThat(shrunken.exitCode()).as("%s", shrunken).isEqualTo(1);
    assertThat(end(shrunken).path("error").asText()).startsWith("halted: ").contains("MAX_DELETE");
    Trees.remove(source, true);
    Outcome wiped = mover.cli("datamover");
    assertThat(wiped.exitCode()).as("%s", wiped).isEqualTo(1);
    assertThat(end(wiped).path("error").asText()).startsWith("halted: ").contains("no file");
    assertThat(Files.readString(last)).startsWith("backup failed");
    assertThat(keys(bucket)).isEqualTo(held);
    assertThat(aside).isDirectory();
  }

  @Test
  void twoMoversInOneBucketNeverTouchEachOther() throws Exception {
    S3Bucket whole = S3Server.CEPH.newBucket();
    Trees.write(source.resolve("a"), "a");
    Path other = folder.resolve("other");
    Trees.write(other.resolve("b"), "b");
    assertThat(mover(whole.settings()).cli("datamover").exitCode()).isZero();
    S3Settings inner = whole.prefix("inner").settings();
    Outcome beside = mover(inner).env("SOURCE_PATH", other.toString()).cli("datamover");
    assertThat(beside.exitCode()).as("%s", beside).isZero();
    Outcome again = mover(whole.settings()).cli("datamover");
    assertThat(again.exitCode()).as("%s", again).isZero();
    assertThat(keys(whole.settings())).contains("a", "inner/b");

    Set<String> held = keys(whole.settings());
    Outcome foreign = mover(inner).cli("datamover");
    assertThat(foreign.exitCode()).as("%s", foreign).isEqualTo(1);
    assertThat(end(foreign).path("error").asText())
        .contains("holds the backups of another source", "MOVER_OWNER");
    assertThat(keys(whole.settings())).isEqualTo(held);
  }

  @Test
  void theNextSnapshotUploadsOnlyWhatChanged() throws Exception {
    S3Settings bucket = S3Server.S3PROXY.newBucket().settings();
    Trees.many(source, MANY, 16, 31);
    CaravanSetup mover = mover(bucket).env("ADD_TIMESTAMP_PREFIX", "true");
    Outcome first = mover.env("BACKUP_TIMESTAMP", FIRST).cli("datamover");
    assertThat(first.exitCode()).as("%s", first).isZero();
    assertThat(end(first).path("uploaded").asInt()).isEqualTo(MANY);
    for (int i = 0; i < MANY; i += 100) {
      Files.writeString(source.resolve("d%03d/f%05d.bin".formatted(i / 100, i)), "changed " + i);
    }
    Outcome second = mover.env("BACKUP_TIMESTAMP", SECOND).cli("datamover");
    assertThat(second.exitCode()).as("%s", second).isZero();
    assertThat(end(second).path("uploaded").asInt()).isBetween(MANY / 100, MANY / 100 + 10);
    assertThat(end(second).path("copied").asInt()).isEqualTo(MANY - MANY / 100);
    long held = keys(bucket).stream().filter(k -> k.matches(SECOND + "/d.*")).count();
    assertThat(held).isEqualTo(MANY);
  }

  @Test
  void aKilledSnapshotIsNoneAndItsRetryTakesItUp() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    Trees.many(source, 600, 2_000, 37);
    Files.createDirectories(source.resolve("empty/folder"));
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup slow =
          mover(bucket.endpoint(proxy.endpoint()).settings())
              .env("ADD_TIMESTAMP_PREFIX", "true")
              .env("BACKUP_TIMESTAMP", FIRST)
              .env("RCLONE_TRANSFERS", "2")
              .env("RCLONE_BWLIMIT", "200k");
      try (CaravanProcess killed = slow.launched("datamover")) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> sent(proxy) > 150 || !killed.isAlive());
        assertThat(killed.isAlive()).as("%s", killed.logs()).isTrue();
        killed.kill9();
      }
    }
    Set<String> left = keys(bucket.settings());
    assertThat(left).anyMatch(k -> k.startsWith(FIRST)).noneMatch(k -> k.contains("manifest"));
    Files.delete(source.resolve("d000/f00000.bin"));

    CaravanSetup retry =
        mover(bucket.settings())
            .env("ADD_TIMESTAMP_PREFIX", "true")
            .env("VERIFY_BACKUP", "true")
            .env("BACKUP_TIMESTAMP", FIRST);
    Outcome second = retry.cli("datamover");
    assertThat(second.exitCode()).as("%s", second).isZero();
    assertThat(end(second).path("resumed").asInt()).isGreaterThan(100);
    assertThat(end(second).path("verified").asInt()).isEqualTo(599);
    assertThat(keys(bucket.settings())).doesNotContain(FIRST + "/d000/f00000.bin");
    restored(bucket.settings(), FIRST);

    Path metrics = folder.resolve("mover.prom");
    Outcome third = retry.env("METRICS_TEXTFILE", metrics.toString()).cli("datamover");
    assertThat(third.exitCode()).as("%s", third).isZero();
    assertThat(end(third).path("files").asInt()).as("nothing to do").isZero();
    assertThat(end(third).path("summary").asText()).contains(FIRST + " was complete, 599 files");
    assertThat(metrics).content().containsPattern("caravan_mover_files\\{.*\\} 599\n");
  }

  @Test
  void retentionKeepsTheNewestAndLeavesAloneWhatIsNotOurs() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    Trees.write(source.resolve("a"), "a");
    try (S3Remote remote = remote(bucket.settings())) {
      // A folder that the upstream image wrote.
      remote.put(new ObjectKey("2020-01-01-000000/old"), new TextContent("old"));
    }
    CaravanSetup mover =
        mover(bucket.settings())
            .env("ADD_TIMESTAMP_PREFIX", "true")
            .env("RETENTION_KEEP_LAST", "2");
    for (String name : List.of(FIRST, SECOND, THIRD)) {
      Outcome outcome = mover.env("BACKUP_TIMESTAMP", name).cli("datamover");
      assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    }
    Set<String> tops = new TreeSet<>();
    keys(bucket.settings()).forEach(key -> tops.add(key.replaceFirst("/.*", "")));
    assertThat(tops).containsExactly(".caravan", "2020-01-01-000000", SECOND, THIRD);
  }

  @Test
  void theRcloneBinaryDoesItWhereThatIsWanted() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().prefix("p").settings();
    for (int i = 0; i < 30; i++) {
      Trees.write(source.resolve("f" + i), "content " + i);
    }
    CaravanSetup mover = mover(bucket).env("MOVER_ENGINE", "rclone").env("RCLONE_TRANSFERS", "2");
    Outcome first = mover.cli("datamover");
    assertThat(first.exitCode()).as("%s", first).isZero();
    assertThat(keys(bucket)).contains("f0", "f29");
    assertThat(first.out() + first.err()).doesNotContain(S3Server.SECRET_KEY.reveal());
    assertThat(end(first).has("files")).as("what nobody counted").isFalse();
    assertThat(end(first).path("summary").asText()).doesNotContain("files");
    Trees.remove(source, true);
    Outcome wiped = mover.cli("datamover");
    assertThat(wiped.exitCode()).as("%s", wiped).isEqualTo(1);
    assertThat(keys(bucket)).contains("f0", "f29");
  }

  @Test
  void rcloneTakesNoFolderForAnothersAndLeavesOthersAlone() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().prefix("p").settings();
    Trees.write(source.resolve("2026-01-01-000000/dump"), "a volume with dated dumps");
    Trees.write(source.resolve("f"), "f");
    assertThat(mover(bucket).cli("datamover").exitCode()).isZero();
    try (S3Remote remote = remote(bucket)) {
      remote.delete(List.of(new ObjectKey("2026-01-01-000000/dump")));
      remote.put(new ObjectKey("other[1]/.caravan/store.id"), new TextContent("another\n"));
      remote.put(new ObjectKey("other[1]/x"), new TextContent("x"));
      remote.put(new ObjectKey("gone"), new TextContent("x"));
    }
    CaravanSetup mover = mover(bucket).env("MOVER_ENGINE", "rclone");
    Outcome outcome = mover.cli("datamover");
    assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    assertThat(keys(bucket))
        .contains("2026-01-01-000000/dump", "other[1]/x", "other[1]/.caravan/store.id")
        .contains(".caravan/store.id", ".caravan/manifest.before-rclone.jsonl.gz")
        .doesNotContain("gone", ".caravan/manifest.jsonl.gz");

    Outcome refused = mover.env("RCLONE_DRY_RUN", "true").cli("datamover");
    assertThat(refused.exitCode()).as("%s", refused).isEqualTo(1);
    assertThat(refused.err()).contains("RCLONE_DRY_RUN: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "rclone"})
  void aSignalEndsItAllAndIsTold(String engine) throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().settings();
    Trees.many(source, 200, 20_000, 41);
    Path last = folder.resolve("termination-log");
    CaravanSetup slow =
        mover(bucket)
            .env("MOVER_ENGINE", engine)
            .env("RCLONE_TRANSFERS", "2")
            .env("RCLONE_BWLIMIT", "100k")
            .env("TERMINATION_MESSAGE_PATH", last.toString());
    try (CaravanProcess mover = slow.launched("datamover")) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> keys(bucket).size() > 3 || !mover.isAlive());
      assertThat(mover.isAlive()).as("%s", mover.logs()).isTrue();
      assertThat(mover.terminate(Duration.ofSeconds(20))).isNotZero();
      assertThat(mover.out()).contains("\"phase\":\"end\"", "stopped by a signal");
      assertThat(Files.readString(last)).startsWith("backup failed").contains("a signal");
    }
    Set<String> held = keys(bucket);
    assertThat(held).noneMatch(key -> key.contains("manifest"));
    assertThat(ProcessHandle.allProcesses().map(each -> each.info().commandLine().orElse("")))
        .noneMatch(line -> line.contains("rclone sync") && line.contains(bucket.bucket()));
  }

  private CaravanSetup mover(S3Settings bucket) {
    return MoverSetup.in(folder, bucket).env("SOURCE_PATH", source.toString());
  }

  private void restored(S3Settings bucket, String snapshot) throws Exception {
    Path to = folder.resolve("restored-" + snapshot);
    Outcome outcome =
        MoverSetup.in(folder, bucket)
            .cli("datamover", "restore", "--snapshot", snapshot, "--to", to.toString());
    assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    assertThat(TreeFacts.differences(source, to)).isEmpty();
    assertThat(TreeFacts.of(to)).isEqualTo(TreeFacts.of(source));
  }

  private static long sent(CountingProxy proxy) {
    return proxy.requests().stream().filter(r -> r.matches("PUT .*/d0.*")).count();
  }

  private static List<String> phases(Outcome outcome) {
    return outcome.out().lines().map(line -> json(line).path("phase").asText()).toList();
  }

  private static JsonNode end(Outcome outcome) {
    List<String> lines = outcome.out().lines().toList();
    assertThat(lines).as("%s", outcome).isNotEmpty();
    JsonNode last = json(lines.get(lines.size() - 1));
    assertThat(last.path("phase").asText()).as("%s", outcome).isEqualTo("end");
    return last;
  }

  private static JsonNode json(String line) {
    try {
      return new ObjectMapper().readTree(line);
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + line, e);
    }
  }

  private static Set<String> keys(S3Settings bucket) throws RemoteException {
    Set<String> keys = new TreeSet<>();
    try (S3Remote remote = remote(bucket)) {
      remote.list("", stat -> keys.add(stat.key().value()));
    }
    return keys;
  }

  private static S3Remote remote(S3Settings bucket) {
    UploadJournal journal =
        new UploadJournal() {
          @Override
          public void begun(ObjectKey key) {}

          @Override
          public void ended(ObjectKey key) {}
        };
    return new S3Remote(bucket, journal, Clock.systemUTC());
  }
}
