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

/**
 * The files that wait for a remote: small ones first, big ones beside them, a few at a time, so
 * that neither kind waits for the other to end. Once the small ones are given out, nothing holds
 * the big ones back.
 *
 * <p>The files are walked in the order of their paths, page by page. Big ones met on the way are
 * set aside; where that becomes too many, the rest of them is left to a second walk from there.
 * Memory is bounded by two pages. Thread-safe.
 */
final class UploadLanes implements Iterator<SyncAction> {

  private static final long BIG_BYTES = 8L << 20;
  private static final int ASIDE_MOST = 1_000;
  private static final int PAGE = 1_000;

  /** One in so many transfers may be of a big file as long as small ones wait. */
  private static final int BIG_SHARE = 4;

  /** A page of files after a path, in path order; empty at the end. */
  interface Pages extends Function<Optional<StorePath>, List<CopyRow>> {}

  private final Pages pages;
  private final Function<CopyRow, SyncAction> judge;
  private final int bigMost;
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
        Math.max(1, context.settings().storage().transfers() / BIG_SHARE));
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
   */
  UploadLanes(Pages pages, Function<CopyRow, SyncAction> judge, int bigMost) {
    this.pages = pages;
    this.judge = judge;
    this.bigMost = bigMost;
  }

  @Override
  public synchronized boolean hasNext() {
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
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    boolean takesBig = !big.isEmpty() && (small.isEmpty() || bigUnderway < bigMost);
    bigUnderway += takesBig ? 1 : 0;
    return judge.apply(takesBig ? big.removeFirst() : small.removeFirst());
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
