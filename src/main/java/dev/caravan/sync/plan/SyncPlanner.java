package dev.caravan.sync.plan;

import dev.caravan.catalog.CopyRow;
import dev.caravan.config.MaxDelete;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Decides what a cycle does. Pure: it looks at nothing but its arguments. */
public final class SyncPlanner {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Duration WAIT_MOST = Duration.ofSeconds(10);

  private SyncPlanner() {}

  /** Decides about one file that a remote is not known to hold in its current version. */
  public static SyncAction judge(CopyRow row, SyncPolicy policy, Instant now) {
    if (!policy.admits().test(row.file().path())) {
      return new SyncAction(row, SyncAction.Kind.SKIP, SyncReason.EXCLUDED);
    }
    if (policy.refusal().apply(row.file().path(), row.file().sizeBytes()).isPresent()) {
      return new SyncAction(row, SyncAction.Kind.FAIL, SyncReason.UNSUPPORTED_BY_REMOTE);
    }
    if (isSettling(row, policy, now)) {
      return new SyncAction(row, SyncAction.Kind.SKIP, SyncReason.SETTLING);
    }
    if (row.retryAtMillis() > now.toEpochMilli() && !policy.retriesNow()) {
      return new SyncAction(row, SyncAction.Kind.SKIP, SyncReason.WAITING_AFTER_FAILURE);
    }
    return new SyncAction(
        row, SyncAction.Kind.UPLOAD, uploadReason(row), policy.unkept().apply(row.file()));
  }

  /**
   * Quiet is judged by ctime, which the kernel sets by its own clock at every change; mtime may be
   * set to anything. A ctime in the future (the clock was turned back) counts as long past, for it
   * would otherwise never be reached.
   */
  private static boolean isSettling(CopyRow row, SyncPolicy policy, Instant now) {
    long quietMillis = now.toEpochMilli() - row.file().changedNs() / NANOS_PER_MILLI;
    return quietMillis > -policy.settle().toMillis() && quietMillis < policy.settle().toMillis();
  }

  /**
   * How long a file that settles has to be waited for, so that a person who asked for a cycle need
   * not ask twice.
   *
   * @return milliseconds; 0 when it has settled, and when waiting for it would take too long
   */
  public static long quietIn(CopyRow row, SyncPolicy policy, Instant now) {
    if (!isSettling(row, policy, now)) {
      return 0;
    }
    long quietAt = row.file().changedNs() / NANOS_PER_MILLI + policy.settle().toMillis();
    long millis = quietAt - now.toEpochMilli();
    return millis > WAIT_MOST.toMillis() ? 0 : millis;
  }

  private static SyncReason uploadReason(CopyRow row) {
    if (row.heldSha256().isEmpty()) {
      return SyncReason.NEW;
    }
    return row.heldSizeBytes() == row.file().sizeBytes() ? SyncReason.TOUCHED : SyncReason.CHANGED;
  }

  /**
   * Decides whether the files that two looks did not find may be given up at the remotes.
   *
   * @param unapproved how many of them no approval covers
   * @param known how many files the catalog knew of before
   */
  public static Optional<SyncHalt> judgeDeletions(long unapproved, long known, MaxDelete max) {
    long limit = max.limit(known);
    if (unapproved <= limit) {
      return Optional.empty();
    }
    return Optional.of(
        new SyncHalt(
            SyncHalt.Kind.MAX_DELETE,
            ("%d of %d files are gone from the store; storage.max_delete lets %d go without asking."
                    + " If they were deleted on purpose, approve: caravan sync --accept-halt")
                .formatted(unapproved, known, limit)));
  }

  /**
   * Decides whether the links and empty folders that two looks did not find may be forgotten: no
   * trash keeps them.
   *
   * @param unapproved how many of them no approval covers
   * @param known how many folders and links the catalog knew of before
   */
  public static Optional<SyncHalt> judgeForgetting(long unapproved, long known, MaxDelete max) {
    long limit = max.limit(known);
    if (unapproved <= limit) {
      return Optional.empty();
    }
    return Optional.of(
        new SyncHalt(
            SyncHalt.Kind.MAX_DELETE,
            ("%d of %d folders and links are gone from the store; storage.max_delete lets %d go"
                    + " without asking. If they were removed on purpose, approve: caravan sync"
                    + " --accept-halt")
                .formatted(unapproved, known, limit)));
  }

  /**
   * Decides whether a scan can be believed.
   *
   * @param found files that the scan found
   * @param known files that the catalog knew to be present
   */
  public static Optional<SyncHalt> judgeScan(long found, long known) {
    if (found > 0 || known == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new SyncHalt(
            SyncHalt.Kind.STORE_EMPTY,
            ("The store shows no file, where %d are known: is its disk mounted, are its filters"
                    + " right? If it was emptied on purpose, approve: caravan sync --accept-halt")
                .formatted(known)));
  }
}
