package dev.caravan.snapshot.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.TextContent;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups to a remote in memory, step by step. */
class BackupTest extends BackupLab {

  @Test
  void aMirrorSendsWhatIsNewAndMovesWhatIsGoneToTheTrash() throws Exception {
    run();
    assertThat(counts.uploaded()).isEqualTo(100);
    Files.delete(source.resolve("d/f00"));
    write("e", "new");
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(keys()).contains("e").doesNotContain("d/f00");
    assertThat(keys()).anyMatch(key -> key.matches("\\.caravan/trash/.*/d/f00"));
    assertThat(manifest("")).contains("d/", "e", "empty/").doesNotContain("d/f00").hasSize(102);
  }

  @Test
  void whatAMirrorLostIsSentAgain() throws Exception {
    run();
    remote.delete(List.of(new ObjectKey("d/f07")));
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(keys()).contains("d/f07");
  }

  @Test
  void aMirrorThatKeepsStaysAWholeOne() throws Exception {
    run();
    env.put("DELETE_EXTRANEOUS", "false");
    for (int i = 0; i < 60; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    run();
    assertThat(keys()).contains("d/f00");
    assertThat(manifest("")).contains("d/f00").hasSize(102);
    for (int i = 60; i < 100; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    Files.delete(source.resolve("d"));
    write("d", "a file now");
    run();
    assertThat(manifest("")).as("nothing lies below a file").containsExactly("d", "empty/");
  }

  @Test
  void aShrunkenOrEmptySourceHaltsBeforeAnythingIsChanged() throws Exception {
    run();
    Set<String> held = keys();
    for (int i = 0; i < 21; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    assertThatThrownBy(this::run)
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("21 of the 100 files");
    assertThat(keys()).isEqualTo(held);
    env.put("MAX_DELETE", "30");
    run();
    assertThat(keys()).doesNotContain("d/f00");
  }

  /** Where one goes over from a mirror to snapshots, or back, with the wrong volume mounted. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEmptySourceIsComparedWithABackupOfTheOtherKind(boolean mirrorFirst) throws Exception {
    env.put("BACKUP_TIMESTAMP", "2026-11-20-032800");
    env.put("ADD_TIMESTAMP_PREFIX", Boolean.toString(!mirrorFirst));
    run();
    if (!mirrorFirst) {
      // The newest snapshot cannot be used: the one before tells.
      env.put("BACKUP_TIMESTAMP", NAME);
      run();
      remote.put(ManifestObject.keyIn(NAME + "/"), new TextContent("cut off"));
    }
    Set<String> held = keys();
    for (int i = 0; i < 100; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    env.put("ADD_TIMESTAMP_PREFIX", Boolean.toString(mirrorFirst));
    assertThatThrownBy(this::run)
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("holds no file, and the last backup holds 100");
    assertThat(keys()).isEqualTo(held);
    env.put("MAX_DELETE", "100%");
    env.put("BACKUP_TIMESTAMP", "2026-11-22-000000");
    run();
    assertThat(keys()).containsAll(held);
    env.remove("MAX_DELETE");
    env.put("BACKUP_TIMESTAMP", "2026-11-23-000000");
    // From now on there is one of this kind.
    run();
  }

  @Test
  void aSourceThatVanishesMeanwhileStopsAtTheLimit() throws Exception {
    run();
    try (Backup backup = new Backup(world())) {
      backup.open();
      Survey survey = backup.survey();
      for (int i = 0; i < 100; i++) {
        Files.delete(source.resolve("d/f%02d".formatted(i)));
      }
      Batches batches = backup.batches(survey);
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
      assertThat(batches.failure().orElseThrow()).isInstanceOf(HaltException.class);
    }
    assertThat(keys().stream().filter(key -> key.startsWith("d/")).count()).isGreaterThan(79);
  }

  @Test
  void theNextSnapshotIsCopiedByTheServer() throws Exception {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", "2026-11-20-032800");
    run();
    counts = new MoverCounts();
    env.put("BACKUP_TIMESTAMP", NAME);
    write("d/f05", "changed!");
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(counts.copied()).isEqualTo(99);
    assertThat(manifest(NAME + "/")).hasSize(102);
    assertThat(keys()).contains(NAME + "/d/f05", "2026-11-20-032800/d/f05");
  }

  @Test
  void fewFilesGoThroughManyHands() throws Exception {
    List<Integer> sizes = new ArrayList<>();
    try (Backup backup = new Backup(world())) {
      backup.open();
      Batches batches = backup.batches(backup.survey());
      while (batches.hasNext()) {
        sizes.add(batches.next().steps().size());
      }
    }
    assertThat(sizes.stream().mapToInt(size -> size).sum()).isEqualTo(102);
    assertThat(sizes).hasSizeGreaterThanOrEqualTo(25).allMatch(size -> size <= 6);
  }

  @Test
  void anAttemptThatWasCutOffIsTakenUpAndTidied() throws Exception {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", NAME);
    try (Backup backup = new Backup(world())) {
      backup.open();
      Batches batches = backup.batches(backup.survey());
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
    }
    Files.delete(source.resolve("d/f00"));
    counts = new MoverCounts();
    run();
    assertThat(counts.view().get("resumed")).isEqualTo(99);
    assertThat(keys()).doesNotContain(NAME + "/d/f00").contains(NAME + "/d/f01");
    try (Backup again = new Backup(world())) {
      assertThat(again.open()).as("something to do").isFalse();
    }
  }

  @Test
  void whatLiesInAnothersPrefixIsLeftAlone() throws Exception {
    run();
    remote.put(new ObjectKey(".caravan/prefixes/theirs"), new TextContent("another\n"));
    remote.put(new ObjectKey("theirs/x"), new TextContent("x"));
    write("theirs/x", "mine");
    env.put("SKIP_UNREADABLE", "true");
    assertThatThrownBy(this::run)
        .isInstanceOf(IncompleteException.class)
        .hasMessageContaining("belongs to the backups of another source");
    assertThat(remote.open(new ObjectKey("theirs/x"), 0, -1)).hasContent("x");
  }

  @Test
  void whatAMirrorHadWhenItsPrefixBecameAnothersStaysInItsManifest() throws Exception {
    run();
    remote.put(new ObjectKey(".caravan/prefixes/d"), new TextContent("another\n"));
    assertThatThrownBy(this::run).isInstanceOf(IncompleteException.class);
    assertThat(manifest("")).contains("d/", "d/f00").hasSize(102);
  }

  @Test
  void noPrefixWithinShutsAFolderOutOfASnapshot() throws Exception {
    remote.put(new ObjectKey(".caravan/prefixes/d"), new TextContent("another\n"));
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", NAME);
    run();
    assertThat(manifest(NAME + "/")).contains("d/f00").hasSize(102);
  }

  @Test
  void rcloneIsKeptFromWhatIsNotThisSources() throws Exception {
    run();
    for (String key :
        List.of(
            "told/x",
            "untold/.caravan/store.id",
            "untold/x",
            "2020-01-01-000000/of the upstream image",
            "2020-02-02-000000/mine",
            ".caravan/snapshots/2020-03-03-000000",
            ".caravan/prefixes/told")) {
      remote.put(new ObjectKey(key), new TextContent("x"));
    }
    write("2020-02-02-000000/mine", "a dump");
    write("nested/.caravan/store.id", "a store of its own");
    remote.put(new ObjectKey("nested/.caravan/store.id"), new TextContent("x"));
    assertThat(RemoteSurvey.of(world()).others())
        .containsExactly("2020-01-01-000000", "2020-03-03-000000", "told", "untold");
    RemoteSurvey.putManifestAside(world());
    assertThat(ManifestObject.load(remote, "")).isEmpty();

    write("untold/mine", "mine");
    assertThatThrownBy(() -> RemoteSurvey.of(world()))
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("'untold'");
    Files.delete(source.resolve("untold/mine"));
    Files.delete(source.resolve("untold"));
    for (int i = 0; i < 21; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    assertThatThrownBy(() -> RemoteSurvey.of(world()))
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("21 of the 102 files");
  }

  @Test
  void filesThatTheBucketHasNotMakeASourceThatIsNotEmpty() throws Exception {
    remote.put(new ObjectKey("of-another-tool"), new TextContent("x"));
    assertThat(RemoteSurvey.of(world()).mostDeleted()).isEqualTo(20);
    for (int i = 0; i < 20; i++) {
      remote.put(new ObjectKey("more/" + i), new TextContent("x"));
    }
    assertThatThrownBy(() -> RemoteSurvey.of(world()))
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("21 of the 21 files");
  }

  @Test
  void attemptsThatNeverBecomeCompleteDoNotPileUp() throws Exception {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    for (String name : List.of("2026-11-19-032800", "2026-11-20-032800", NAME)) {
      env.put("BACKUP_TIMESTAMP", name);
      try (Backup backup = new Backup(world())) {
        backup.open();
        Batches batches = backup.batches(backup.survey());
        while (batches.hasNext()) {
          backup.move(batches.next());
        }
      }
    }
    Set<String> held = keys();
    new Expiry(world()).runIncomplete(NAME + "/");
    assertThat(keys()).as("no rule").isEqualTo(held);
    env.put("RETENTION_KEEP_LAST", "7");
    new Expiry(world()).runIncomplete(NAME + "/");
    assertThat(keys()).as("written to a moment ago").isEqualTo(held);
    putAt.replaceAll((key, at) -> key.value().contains(NAME) ? at.plus(Duration.ofHours(25)) : at);
    new Expiry(world()).runIncomplete(NAME + "/");
    assertThat(keys())
        .noneMatch(key -> key.contains("2026-11-19") || key.contains("2026-11-20"))
        .contains(NAME + "/d/f00");
  }

  @Test
  void keysThatMayNotLookForPartsSendBigFilesAllTheSame() throws Exception {
    write("big", "x".repeat(17 << 20));
    env.put("RCLONE_MULTI_THREAD_CUTOFF", "16M");
    sweepRefused = true;
    run();
    assertThat(keys()).contains("big");
  }

  @Test
  void aKeyThatIsTooLongForTheTrashLiesThereUnderItsHash() throws Exception {
    run();
    Files.delete(source.resolve("d/f00"));
    longestKey = ".caravan/trash/2026-11-21/d/f00".length();
    run();
    assertThat(keys())
        .doesNotContain("d/f00")
        .anyMatch(key -> key.matches("\\.caravan/trash/[0-9-]+/[0-9a-f]{64}"));
  }
}
