package dev.caravan.snapshot.move;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.TestContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.TextContent;
import dev.caravan.snapshot.keep.SnapshotShelf;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is called a backup is one: nothing is certified that is not there, or not looked at. */
class BackupProofTest extends BackupLab {

  private static final String OLD = "2026-11-20-032800";

  @Test
  void aSnapshotThatFailedItsVerificationIsNoneAndTheRetryHealsIt() throws Exception {
    dated(NAME);
    env.put("VERIFY_BACKUP", "true");
    remote.faults().lieOnPut(5);
    assertThatThrownBy(this::run).isInstanceOf(IOException.class).hasMessageContaining("1 object ");
    assertThat(remote.faults().happened()).isEqualTo(1);
    assertThat(ManifestObject.load(remote, NAME + "/")).isEmpty();
    counts = new MoverCounts();
    run();
    assertThat(counts.view().get("verified")).isEqualTo(100);
    assertThat(counts.uploaded()).isEqualTo(1);
  }

  @Test
  void aMirrorThatFailedItsVerificationIsHealedByTheNextRun() throws Exception {
    env.put("VERIFY_BACKUP", "true");
    run();
    remote.put(new ObjectKey("d/f07"), new TextContent("CONTENT 7"));
    assertThatThrownBy(this::run).isInstanceOf(IOException.class).hasMessageContaining("1 object ");
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(remote.open(new ObjectKey("d/f07"), 0, -1)).hasContent("content 7");
  }

  @Test
  void aMirrorWhoseManifestIsCutOffIsLeftAsItIs() throws Exception {
    run();
    cutOff(".caravan/manifest.jsonl.gz");
    Files.delete(source.resolve("d/f07"));
    assertThatThrownBy(this::run)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Manifest .caravan/manifest.jsonl.gz at ")
        .hasMessageContaining("delete that object");
    assertThat(keys()).contains("d/f07");
    remote.delete(List.of(new ObjectKey(".caravan/manifest.jsonl.gz")));
    run();
    assertThat(manifest("")).hasSize(101);
  }

  @Test
  void aSnapshotWhoseManifestIsCutOffIsPassedOverForAnOlderOne() throws Exception {
    dated(OLD);
    run();
    dated("2026-11-20-120000");
    run();
    cutOff("2026-11-20-120000/.caravan/manifest.jsonl.gz");
    dated(NAME);
    try (Backup backup = new Backup(world())) {
      assertThat(backup.open()).isTrue();
      assertThat(backup.basis()).as("its header is whole").contains("2026-11-20-120000");
      assertThat(backup.survey().known()).isEqualTo(100);
      assertThat(backup.basis()).contains(OLD);
    }
    cutOff(OLD + "/.caravan/manifest.jsonl.gz");
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).as("nothing is left to copy from").isEqualTo(100);
  }

  /** Without its last third, where its end is, and with its header. */
  private void cutOff(String key) throws Exception {
    byte[] whole;
    try (InputStream in = remote.open(new ObjectKey(key), 0, -1)) {
      whole = in.readAllBytes();
    }
    byte[] part = Arrays.copyOf(whole, whole.length * 2 / 3);
    remote.put(new ObjectKey(key), TestContent.of(part));
  }

  @Test
  void aCompleteSnapshotIsVerifiedAgainWhereThatIsWanted() throws Exception {
    dated(NAME);
    run();
    remote.lose(new ObjectKey(NAME + "/d/f07"));
    try (Backup again = new Backup(world())) {
      assertThat(again.open()).isFalse();
      assertThatThrownBy(() -> verify(again)).hasMessageContaining("begin another one");
    }
  }

  @Test
  void aTimestampThatNobodyChangesIsNoSuccess() throws Exception {
    dated(NAME);
    run();
    putAt.replaceAll((key, at) -> at.minus(Duration.ofHours(25)));
    try (Backup again = new Backup(world())) {
      assertThatThrownBy(again::open).hasMessageContaining("nothing was backed up");
    }
  }

  @Test
  void noManifestIsStoredWhenAnObjectIsGone() throws Exception {
    dated(NAME);
    try (Backup backup = moved()) {
      remote.lose(new ObjectKey(NAME + "/d/f07"));
      assertThatThrownBy(backup::seal)
          .hasMessageContaining("1 object ")
          .hasMessageContaining("f07");
    }
    assertThat(ManifestObject.load(remote, NAME + "/")).isEmpty();
  }

  @Test
  void noManifestIsStoredWhenABatchIsMissing() throws Exception {
    dated(NAME);
    try (Backup backup = new Backup(world())) {
      backup.open();
      Batches batches = backup.batches(backup.survey());
      while (batches.hasNext()) {
        Batch batch = batches.next();
        if (batch.number() == 0) {
          backup.move(batch);
        }
      }
      assertThat(batches.made()).isGreaterThan(20);
      assertThatThrownBy(backup::seal).hasMessageContaining("1 of " + batches.made() + " batches");
    }
  }

  @Test
  void noManifestIsStoredInAFolderThatSomebodyRemovedOrCompleted() throws Exception {
    dated(NAME);
    try (Backup backup = moved()) {
      remote.lose(new ObjectKey(".caravan/snapshots/" + NAME));
      assertThatThrownBy(backup::seal).hasMessageContaining("was removed while it was made");
    }
    try (Backup backup = moved()) {
      remote.put(ManifestObject.keyIn(NAME + "/"), new TextContent("another"));
      assertThatThrownBy(backup::seal).hasMessageContaining("another attempt");
    }
  }

  @Test
  void aSourceThatIsEmptiedMeanwhileMakesNoSnapshot() throws Exception {
    dated(NAME);
    try (Backup backup = new Backup(world())) {
      backup.open();
      Survey survey = backup.survey();
      for (int i = 0; i < 50; i++) {
        Files.delete(source.resolve("d/f%02d".formatted(i)));
      }
      Batches batches = backup.batches(survey);
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
      assertThatThrownBy(backup::seal)
          .isInstanceOf(HaltException.class)
          .hasMessageContaining("50 of 100 files vanished");
    }
  }

  @Test
  void aMirrorAsksForWhatIsNewerThanItsManifest() throws Exception {
    Path file = source.resolve("d/f07");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
    run();
    // The next run sends another version and breaks off; then the volume is rolled back.
    putAt.put(new ObjectKey("d/f07"), Instant.now().plusSeconds(5));
    remote.put(new ObjectKey("d/f07"), new TextContent("CONTENT 7"));
    run();
    assertThat(remote.open(new ObjectKey("d/f07"), 0, -1)).hasContent("content 7");
  }

  @Test
  void aCopyOfWhatWasReplacedIsSentInstead() throws Exception {
    dated(OLD);
    run();
    dated(NAME);
    counts = new MoverCounts();
    // What is copied was replaced in place, and the server compares nothing.
    ObjectKey replaced = new ObjectKey(OLD + "/d/f07");
    putAt.put(replaced, Instant.now().plusSeconds(5));
    remote.put(replaced, new TextContent("CONTENT 7"));
    run();
    assertThat(copiedOnWord.sum()).as("the others are what the manifest tells of").isEqualTo(99);
    assertThat(remote.open(new ObjectKey(NAME + "/d/f07"), 0, -1)).hasContent("content 7");
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(counts.copied()).isEqualTo(99);
  }

  @Test
  void aChangeWithinATickOfTheFileSystemIsSeen() throws Exception {
    FileTime tick = FileTime.from(Instant.now().minusSeconds(1));
    Path file = source.resolve("d/f07");
    Files.setLastModifiedTime(file, tick);
    run();
    Files.writeString(file, "CONTENT 7");
    Files.setLastModifiedTime(file, tick);
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(remote.open(new ObjectKey("d/f07"), 0, -1)).hasContent("CONTENT 7");
  }

  @Test
  void whatArrivedWithOtherBytesIsTakenAway() throws Exception {
    dated(NAME);
    ObjectKey key = new ObjectKey(NAME + "/d/f07");
    corruptOnce.add(key);
    assertThatThrownBy(this::run).isInstanceOf(IncompleteException.class);
    assertThat(corruptOnce).isEmpty();
    assertThat(remote.find(key)).isEmpty();
    run();
    assertThat(remote.open(key, 0, -1)).hasContent("content 7");
  }

  @Test
  void aRetryReadsWhatAServerThatChecksNothingHas() throws Exception {
    dated(NAME);
    remote.faults().lieOnPut(9);
    // The record, then the files in their order; it is killed before it reads back.
    moved().close();
    ObjectKey key = new ObjectKey(NAME + "/d/f07");
    assertThat(new String(remote.open(key, 0, -1).readAllBytes(), UTF_8)).isNotEqualTo("content 7");
    recorded.put(key, new TextContent("content 7").sha256());
    checksNothing = true;
    run();
    assertThat(remote.open(key, 0, -1)).hasContent("content 7");
  }

  @Test
  void aManifestThatIsNotFoundOnceCostsNoSnapshot() throws Exception {
    env.put("RETENTION_KEEP_LAST", "5");
    dated("2026-11-18-032800");
    run();
    dated(NAME);
    run();
    putAt.replaceAll(
        (key, at) -> key.value().startsWith("2026-11-18") ? at.minus(Duration.ofDays(3)) : at);
    blindOnceTo.add(ManifestObject.keyIn("2026-11-18-032800/"));
    new Expiry(world()).run(NAME + "/");
    assertThat(blindOnceTo).isEmpty();
    assertThat(keys()).contains("2026-11-18-032800/d/f07");
  }

  @Test
  void aClockThatIsWrongRemovesNothingAndNamesNothing() throws Exception {
    env.put("RETENTION_KEEP_LAST", "1");
    dated(OLD);
    run();
    env.remove("BACKUP_TIMESTAMP");
    bucketAhead = Duration.ofDays(-400);
    String folder;
    try (Backup backup = moved()) {
      backup.seal();
      folder = backup.folder();
    }
    assertThat(folder)
        .startsWith(Instant.now().minus(Duration.ofDays(400)).toString().substring(0, 4));
    new Expiry(world()).run(folder);
    assertThat(new SnapshotShelf(sorted()).list()).hasSize(2);
  }

  @Test
  void aDamagedSnapshotTakesNoGoodOnesPlace() throws Exception {
    env.put("RETENTION_KEEP_LAST", "2");
    String next = "2026-11-24-032800";
    for (String name : List.of("2026-11-18-032800", OLD, NAME, next)) {
      dated(name);
      run();
      new Expiry(world()).run(name + "/");
      if (name.equals(OLD)) {
        remote.put(ManifestObject.keyIn(OLD + "/"), new TextContent("cut"));
      }
      if (name.equals(NAME)) {
        assertThat(new SnapshotShelf(sorted()).list().stream().map(s -> s.name()))
            .containsExactly("2026-11-18-032800", OLD, NAME);
      }
    }
    assertThat(new SnapshotShelf(sorted()).list().stream().map(s -> s.name()))
        .as("two good ones are newer")
        .containsExactly(NAME, next);
  }

  @Test
  void theLastSnapshotFromBeforeALossOutlivesTheRules() throws Exception {
    env.put("RETENTION_KEEP_LAST", "1");
    dated("2026-11-18-032800");
    run();
    for (int i = 0; i < 80; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    for (String name : List.of("2026-11-19-032800", OLD, NAME)) {
      dated(name);
      run();
      new Expiry(world()).run(name + "/");
    }
    assertThat(new SnapshotShelf(sorted()).list().stream().map(s -> s.name()))
        .containsExactly("2026-11-18-032800", NAME);
    env.put("MAX_DELETE", "100%");
    new Expiry(world()).run(NAME + "/");
    assertThat(new SnapshotShelf(sorted()).list()).hasSize(1);
  }

  private void dated(String name) {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", name);
  }

  private Backup moved() throws Exception {
    Backup backup = new Backup(world());
    backup.open();
    Batches batches = backup.batches(backup.survey());
    while (batches.hasNext()) {
      backup.move(batches.next());
    }
    return backup;
  }
}
