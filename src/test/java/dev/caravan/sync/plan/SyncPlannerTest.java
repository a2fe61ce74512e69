package dev.caravan.sync.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.CopyRow;
import dev.caravan.catalog.FileRow;
import dev.caravan.config.MaxDelete;
import dev.caravan.event.StorePath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncPlannerTest {

  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final String SHA = "ab".repeat(32);

  /** Seconds since the file's last change, judged with a settle time of 2 s. */
  @ParameterizedTest
  @CsvSource({
    // quiet s, settle s, action
    "0,      2, SKIP,   SETTLING",
    "1.999,  2, SKIP,   SETTLING",
    "2,      2, UPLOAD, NEW",
    "3600,   2, UPLOAD, NEW",
    // a little ahead of us: clocks differ by that much
    "-1,     2, SKIP,   SETTLING",
    "-1.999, 2, SKIP,   SETTLING",
    // far ahead: the clock was turned back, and waiting would have no end
    "-2,     2, UPLOAD, NEW",
    "-86400, 2, UPLOAD, NEW",
    "0,      0, UPLOAD, NEW",
    "-1,     0, UPLOAD, NEW",
    "59,    60, SKIP,   SETTLING",
    "60,    60, UPLOAD, NEW",
  })
  void aFileSettlesByItsCtime(double quiet, long settle, SyncAction.Kind kind, SyncReason reason) {
    long changedNs = (NOW.toEpochMilli() - (long) (quiet * 1_000)) * 1_000_000L;
    CopyRow row = copy(file(10, changedNs), Optional.empty(), -1, 0);
    assertThat(SyncPlanner.judge(row, policy(Duration.ofSeconds(settle), false), NOW))
        .isEqualTo(new SyncAction(row, kind, reason));
  }

  /** Milliseconds since the last change, settle time in seconds, milliseconds to wait. */
  @ParameterizedTest
  @CsvSource({
    "0, 2, 2000",
    "1500, 2, 500",
    "2000, 2, 0",
    "-500, 2, 2500",
    "0, 0, 0",
    "0, 10, 10000",
    // nobody waits for minutes
    "0, 60, 0",
    "55000, 60, 5000"
  })
  void whoAsksForACycleWaitsForQuietButNotLong(long since, long settle, long millis) {
    CopyRow row =
        copy(file(10, (NOW.toEpochMilli() - since) * 1_000_000L), Optional.empty(), -1, 0);
    SyncPolicy policy = policy(Duration.ofSeconds(settle), true);
    assertThat(SyncPlanner.quietIn(row, policy, NOW)).isEqualTo(millis);
  }

  @Test
  void theModificationTimeSaysNothingOfQuiet() {
    long now = NOW.toEpochMilli() * 1_000_000L;
    FileRow old =
        new FileRow(
            StorePath.of("f"),
            FileRow.State.PRESENT,
            1,
            now - 1,
            now - 5_000_000_000L,
            1,
            1,
            0,
            Optional.empty(),
            0);
    CopyRow row = copy(old, Optional.empty(), -1, 0);
    assertThat(judge(row, false).kind()).isEqualTo(SyncAction.Kind.UPLOAD);
  }

  /** Milliseconds until the next try is due. */
  @ParameterizedTest
  @CsvSource({
    "-1,    false, UPLOAD, NEW",
    "0,     false, UPLOAD, NEW",
    "1,     false, SKIP,   WAITING_AFTER_FAILURE",
    "90000, false, SKIP,   WAITING_AFTER_FAILURE",
    "1,     true,  UPLOAD, NEW",
    "90000, true,  UPLOAD, NEW",
  })
  void aFailedFileWaitsForItsNextTryUnlessAPersonAsks(
      long dueIn, boolean manual, SyncAction.Kind kind, SyncReason reason) {
    CopyRow row = copy(quiet(10), Optional.empty(), -1, NOW.toEpochMilli() + dueIn);
    assertThat(judge(row, manual)).isEqualTo(new SyncAction(row, kind, reason));
  }

  @ParameterizedTest
  @CsvSource({
    // held size, size, reason
    "-1,  10, NEW",
    "-1,   0, NEW",
    "10,  10, TOUCHED",
    "0,    0, TOUCHED",
    "10,  11, CHANGED",
    "10,   0, CHANGED",
  })
  void whatTheRemoteHoldsSaysWhyItIsSent(long held, long size, SyncReason reason) {
    Optional<String> sha = held < 0 ? Optional.empty() : Optional.of(SHA);
    CopyRow row = copy(quiet(size), sha, held, 0);
    assertThat(judge(row, false)).isEqualTo(new SyncAction(row, SyncAction.Kind.UPLOAD, reason));
  }

  @Test
  void aSizeWithoutAChecksumProvesNothing() {
    CopyRow row = copy(quiet(10), Optional.empty(), 10, 0);
    assertThat(judge(row, false).reason()).isEqualTo(SyncReason.NEW);
  }

  @Test
  void whatTheFiltersExcludeIsLeftAloneWhateverElseHolds() {
    CopyRow row = copy(file(10, NOW.toEpochMilli() * 1_000_000L), Optional.empty(), -1, 1);
    SyncPolicy policy =
        new SyncPolicy(
            path -> false,
            Duration.ofSeconds(2),
            (path, size) -> Optional.of("too long"),
            file -> List.of(),
            false);
    assertThat(SyncPlanner.judge(row, policy, NOW))
        .isEqualTo(new SyncAction(row, SyncAction.Kind.SKIP, SyncReason.EXCLUDED));
  }

  @Test
  void whatTheRemoteCannotHoldFailsAtOnce() {
    CopyRow row = copy(quiet(10), Optional.empty(), -1, NOW.toEpochMilli() + 9_999);
    SyncPolicy policy =
        new SyncPolicy(
            path -> true,
            Duration.ofSeconds(2),
            (path, size) -> Optional.of("too long"),
            file -> List.of("owner 7:7"),
            false);
    assertThat(SyncPlanner.judge(row, policy, NOW))
        .isEqualTo(new SyncAction(row, SyncAction.Kind.FAIL, SyncReason.UNSUPPORTED_BY_REMOTE));
  }

  @Test
  void whatTheRemoteWillNotKeepIsPartOfThePlan() {
    List<String> unkept = List.of("permissions 0600", "its time to the nanosecond");
    SyncPolicy policy =
        new SyncPolicy(
            path -> true,
            Duration.ofSeconds(2),
            (path, size) -> Optional.empty(),
            file -> file.sizeBytes() == 10 ? unkept : List.of(),
            false);
    CopyRow lost = copy(quiet(10), Optional.empty(), -1, 0);
    assertThat(SyncPlanner.judge(lost, policy, NOW))
        .isEqualTo(new SyncAction(lost, SyncAction.Kind.UPLOAD, SyncReason.NEW, unkept));
    CopyRow kept = copy(quiet(11), Optional.empty(), -1, 0);
    assertThat(SyncPlanner.judge(kept, policy, NOW).unkept()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // gone, known, max_delete, halts
    "0,     0,    10%,  false",
    "20,    20,   10%,  false",
    "20,    20,   0%,   false",
    "21,    21,   0%,   true",
    "21,    100,  10%,  true",
    "20,    100,  0,    false",
    "21,    100,  0,    true",
    "100,   1000, 10%,  false",
    "101,   1000, 10%,  true",
    "100,   1009, 10%,  false",
    "101,   1009, 10%,  true",
    "1000,  1000, 100%, false",
    "500,   1000, 500,  false",
    "501,   9999, 500,  true",
    "12,    1000, 1.2%, false",
    "21,    1000, 1.2%, true",
    "26,    2000, 1.25%, true",
    "25,    2000, 1.25%, false",
  })
  void moreDeletionsThanTheLimitHalt(long gone, long known, String max, boolean halts) {
    Optional<SyncHalt> halt = SyncPlanner.judgeDeletions(gone, known, MaxDelete.parse(max));
    assertThat(halt.isPresent()).isEqualTo(halts);
    halt.ifPresent(
        found ->
            assertThat(found.message())
                .contains(gone + " of " + known, "--accept-halt", "storage.max_delete"));
  }

  @ParameterizedTest
  @CsvSource({"0, 0, false", "1, 0, false", "1, 100, false", "0, 1, true", "0, 100, true"})
  void aStoreWithoutAnyFileIsNotBelieved(long found, long known, boolean halts) {
    Optional<SyncHalt> halt = SyncPlanner.judgeScan(found, known);
    assertThat(halt.map(SyncHalt::kind))
        .isEqualTo(halts ? Optional.of(SyncHalt.Kind.STORE_EMPTY) : Optional.empty());
  }

  @Test
  void onlyWhatConcernsTheStoreItselfStopsEverything() {
    Set<SyncHalt.Kind> partly =
        Set.of(
            SyncHalt.Kind.MOUNT_AWAY,
            SyncHalt.Kind.MAX_DELETE,
            SyncHalt.Kind.REMOTE_EMPTIED,
            SyncHalt.Kind.REMOTE_FOREIGN);
    for (SyncHalt.Kind kind : SyncHalt.Kind.values()) {
      assertThat(kind.stopsEverything()).as("%s", kind).isEqualTo(!partly.contains(kind));
    }
  }

  private static SyncAction judge(CopyRow row, boolean manual) {
    return SyncPlanner.judge(row, policy(Duration.ofSeconds(2), manual), NOW);
  }

  private static SyncPolicy policy(Duration settle, boolean manual) {
    return new SyncPolicy(
        path -> true, settle, (path, size) -> Optional.empty(), file -> List.of(), manual);
  }

  private static FileRow quiet(long size) {
    return file(size, (NOW.toEpochMilli() - 60_000) * 1_000_000L);
  }

  private static FileRow file(long size, long changedNs) {
    return new FileRow(
        StorePath.of("f"), FileRow.State.PRESENT, size, 1, changedNs, 1, 1, 0, Optional.empty(), 0);
  }

  private static CopyRow copy(FileRow file, Optional<String> sha, long held, long retryAt) {
    return new CopyRow(file, CopyRow.State.PENDING, sha, held, 0, retryAt, Optional.empty());
  }
}
