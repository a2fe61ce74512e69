package dev.caravan.sync;

import dev.caravan.catalog.CopyRow;
import dev.caravan.event.StorePath;
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncPlanner;
import dev.caravan.sync.plan.SyncPolicy;
import dev.caravan.sync.plan.SyncReason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The files that wait for a remote: small ones first, big ones beside them, a few at a time, so
 * that neither kind waits for the other to end. Once the small ones are given out, nothing holds
 * the big ones back.
 *
 * <p>The files are walked in the order of their paths, page by page. Big ones met on the way are
 * set aside; where that becomes too many, the rest of them is left to a second walk from there.
 * Where a person asked for the cycle, files that were written a moment ago come last, when they
 * have been quiet. Memory is bounded by two pages. Thread-safe.
 */
final class UploadLanes implements Iterator<SyncAction> {

  private static final long BIG_BYTES = 8L << 20;
  private static final int ASIDE_MOST = 1_000;
  private static final int PAGE = 1_000;
  private static final int LATE_MOST = 1_000;
  private static final long SLICE_MILLIS = 100;

  /** One in so many transfers may be of a big file as long as small ones wait. */
  private static final int BIG_SHARE = 4;

  /** A page of files after a path, in path order; empty at the end. */
  interface Pages extends Function<Optional<StorePath>, List<CopyRow>> {}

  private final Pages pages;
  private final Function<CopyRow, SyncAction> judge;
  private final int bigMost;
  private final ToLongFunction<CopyRow> quietIn;
  private final Deque<CopyRow> late = new ArrayDeque<>();
  private final Deque<CopyRow> small = new ArrayDeque<>();
  private final Deque<CopyRow> big = new ArrayDeque<>();
  private Optional<StorePath> after = Optional.empty();
  private Optional<StorePath> secondFrom = Optional.empty();
  private boolean smallEnded;
  private boolean ended;
  private int bigUnderway;

  /**
   * What waits for a remote now.
   *
   * @param stopped ends the walk when it becomes true
   */
  static UploadLanes of(
      SyncContext context, int remote, SyncPolicy policy, BooleanSupplier stopped) {
    return new UploadLanes(
        after ->
            stopped.getAsBoolean()
                ? List.of()
                : context.catalog().copies().open(remote, after, PAGE),
        copy -> judge(context, policy, copy),
        Math.max(1, context.settings().storage().transfers() / BIG_SHARE),
        copy ->
            stopped.getAsBoolean() || !context.isManual() || context.dryRun()
                ? 0
                : SyncPlanner.quietIn(copy, policy, context.clock().instant()));
  }

  /** A snapshot is whole whenever it is taken; nobody has to wait for a pause of the writer. */
  private static SyncAction judge(SyncContext context, SyncPolicy policy, CopyRow copy) {
    SyncAction action = SyncPlanner.judge(copy, policy, context.clock().instant());
    boolean waits = action.reason() == SyncReason.SETTLING;
    return waits && context.hasLog(copy.file().path())
        ? new SyncAction(copy, SyncAction.Kind.UPLOAD, SyncReason.CHANGED)
        : action;
  }

  /**
   * @param judge decides what is to become of a file, when its turn has come
   * @param bigMost big files under way as long as small ones wait, at least 1
   * @param quietIn milliseconds to wait at the end of the walk for a file that was written a moment
   *     ago; 0 to leave it to a later cycle
   */
  UploadLanes(
      Pages pages,
      Function<CopyRow, SyncAction> judge,
      int bigMost,
      ToLongFunction<CopyRow> quietIn) {
    this.pages = pages;
    this.judge = judge;
    this.bigMost = bigMost;
    this.quietIn = quietIn;
  }

  @Override
  public synchronized boolean hasNext() {
    return isWalking() || !late.isEmpty();
  }

  private boolean isWalking() {
    while (small.isEmpty() && !smallEnded) {
      walk();
    }
    while (small.isEmpty() && big.isEmpty() && !ended) {
      walkAgain();
    }
    return !small.isEmpty() || !big.isEmpty();
  }

  @Override
  public synchronized SyncAction next() {
    while (isWalking()) {
      boolean takesBig = !big.isEmpty() && (small.isEmpty() || bigUnderway < bigMost);
      CopyRow row = takesBig ? big.removeFirst() : small.removeFirst();
      SyncAction action = judge.apply(row);
      if (!isLate(action)) {
        return given(action);
      }
      late.add(row);
    }
    if (late.isEmpty()) {
      throw new NoSuchElementException();
    }
    CopyRow row = late.removeFirst();
    awaitQuiet(row);
    return given(judge.apply(row));
  }

  private boolean isLate(SyncAction action) {
    return action.reason() == SyncReason.SETTLING
        && late.size() < LATE_MOST
        && quietIn.applyAsLong(action.row()) > 0;
  }

  private SyncAction given(SyncAction action) {
    bigUnderway += isBig(action.row()) ? 1 : 0;
    return action;
  }

  /** Lets go of the lock meanwhile, so that what is under way can end. */
  private synchronized void awaitQuiet(CopyRow row) {
    try {
      for (long left = quietIn.applyAsLong(row); left > 0; left = quietIn.applyAsLong(row)) {
        wait(Math.min(left, SLICE_MILLIS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An action that was given out has been carried out, whatever became of it. */
  synchronized void done(SyncAction action) {
    bigUnderway -= isBig(action.row()) ? 1 : 0;
  }

  private void walk() {
    List<CopyRow> page = pages.apply(after);
    for (CopyRow row : page) {
      if (!isBig(row)) {
        small.add(row);
      } else if (secondFrom.isEmpty()) {
        big.add(row);
        if (big.size() >= ASIDE_MOST) {
          secondFrom = Optional.of(row.file().path());
        }
      }
    }
    smallEnded = page.isEmpty();
    ended = smallEnded && secondFrom.isEmpty();
    after = page.isEmpty() ? secondFrom : lastOf(page);
  }

  private void walkAgain() {
    List<CopyRow> page = pages.apply(after);
    page.stream().filter(UploadLanes::isBig).forEach(big::add);
    ended = page.isEmpty();
    after = page.isEmpty() ? after : lastOf(page);
  }

  private static Optional<StorePath> lastOf(List<CopyRow> page) {
    return Optional.of(page.get(page.size() - 1).file().path());
  }

  private static boolean isBig(CopyRow row) {
    return row.file().sizeBytes() > BIG_BYTES;
  }
}
