package dev.caravan.sync.detect;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.database.SnapshotTable;
import dev.caravan.catalog.rename.RenameTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Gathers what a scan found to be different and records it in batches, so that memory stays flat
 * however much there is.
 */
public final class StoreChanges {

  private static final int BATCH = 1_000;

  /** On record once each file was looked at by a Caravan that knows of owners. */
  private static final String OWNERS = "owners_known";

  private final Catalog catalog;
  private final RenameTable renames;
  private final Collection<Integer> remotes;
  private final long nowMillis;
  private final boolean looksCount;
  private final Predicate<StorePath> inHand;
  private List<FileRow> seen = new ArrayList<>();
  private List<FileRow> arrived = new ArrayList<>();
  private List<FileRow> missing = new ArrayList<>();
  private List<StorePath> back = new ArrayList<>();
  private List<FileRow> ownerless = new ArrayList<>();
  private final boolean ownersKnown;
  private List<StorePath> live = new ArrayList<>();
  private boolean anyGone;
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  /**
   * @param remotes ids of the configured remotes
   * @param looksCount false in a dry run, which must not bring a deletion nearer
   */
  public StoreChanges(
      Catalog catalog, Collection<Integer> remotes, long nowMillis, boolean looksCount) {
    this(catalog, remotes, nowMillis, looksCount, path -> false);
  }

  /**
   * The same beside those who bring files back.
   *
   * @param inHand true for a file that somebody brings at this moment, and will record
   */
  public StoreChanges(
      Catalog catalog,
      Collection<Integer> remotes,
      long nowMillis,
      boolean looksCount,
      Predicate<StorePath> inHand) {
    this.inHand = inHand;
    this.catalog = catalog;
    this.renames = new RenameTable(catalog);
    this.remotes = remotes;
    this.nowMillis = nowMillis;
    this.looksCount = looksCount;
    this.ownersKnown = !looksCount || catalog.findMeta(OWNERS).isPresent();
  }

  /** Makes ready for a new look. */
  public void begin() {
    renames.forgetGone();
  }

  /**
   * Looks at databases of which remotes hold snapshots.
   *
   * @param isOld whether the database, or its log, does not look any more as it did then
   */
  void snapshots(Predicate<SnapshotTable.Snapshot> isOld) {
    if (looksCount) {
      List<SnapshotTable.Snapshot> old =
          catalog.read(SnapshotTable::all).stream().filter(isOld).toList();
      if (!old.isEmpty()) {
        catalog.commit(session -> SnapshotTable.recordOld(session, old, nowMillis));
      }
    }
  }

  public void seen(FileRow row) {
    seen.add(row);
    flushIfFull(seen);
  }

  /**
   * A file lies in the store that was away when the look began: its owner made it anew, or it was
   * brought back, and then it is on record by the time when this is, or is still in hand.
   *
   * @return false when it is in hand
   */
  boolean arrived(FileRow row) {
    if (inHand.test(row.path())) {
      return false;
    }
    arrived.add(row);
    flushIfFull(arrived);
    return true;
  }

  public void missing(FileRow row) {
    anyGone = true;
    missing.add(row);
    flushIfFull(missing);
  }

  public void back(StorePath path) {
    back.add(path);
    flushIfFull(back);
  }

  /** A file that is as it was: of an older Caravan's, who owns it is noted once. */
  void unchanged(FileStat stat) {
    if (!ownersKnown) {
      ownerless.add(StoreDetector.rowOf(stat));
      flushIfFull(ownerless);
    }
  }

  /** A database with a log beside it: its own file is not all that it holds. */
  public void live(StorePath database) {
    live.add(database);
    flushIfFull(live);
  }

  private void flushIfFull(List<?> list) {
    if (list.size() >= BATCH) {
      flush();
    }
  }

  /** Records what was gathered; returns once all before it is committed. */
  public void flush() {
    if (!last.isDone()) {
      // Somebody waits, so the writer commits at once; it would linger for half a second else.
      catalog.flush();
    }
    last.join();
    List<FileRow> seenNow = seen;
    List<FileRow> arrivedNow = arrived;
    List<FileRow> missingNow = missing;
    List<StorePath> backNow = back;
    List<FileRow> ownerlessNow = ownerless;
    seen = new ArrayList<>();
    arrived = new ArrayList<>();
    missing = new ArrayList<>();
    back = new ArrayList<>();
    ownerless = new ArrayList<>();
    List<StorePath> liveNow = live;
    live = new ArrayList<>();
    if (looksCount && !liveNow.isEmpty()) {
      lookAgain(liveNow);
    }
    if (Stream.of(seenNow, arrivedNow, missingNow, backNow, ownerlessNow).allMatch(List::isEmpty)) {
      return;
    }
    last =
        catalog.submit(
            session -> {
              seenNow.addAll(catalog.files().unrecorded(session, arrivedNow));
              if (!seenNow.isEmpty()) {
                List<StorePath> paths = seenNow.stream().map(FileRow::path).toList();
                catalog.files().recordSeen(session, seenNow, nowMillis);
                catalog.copies().recordPending(session, paths, remotes, nowMillis);
              }
              renames.recordGone(session, missingNow);
              if (looksCount) {
                List<StorePath> looked = missingNow.stream().map(FileRow::path).toList();
                catalog.files().recordMissing(session, looked, nowMillis);
              }
              catalog.files().recordBack(session, backNow);
              catalog.files().recordOwners(session, ownerlessNow);
            });
  }

  private void lookAgain(List<StorePath> databases) {
    catalog.commit(session -> SnapshotTable.recordLive(session, databases, remotes, nowMillis));
  }

  /** Records the rest, and which of the files that are gone were renamed. */
  public void finish() {
    flush();
    if (anyGone) {
      catalog.commit(renames::match);
    }
    catalog.flush();
    last.join();
    if (!ownersKnown) {
      catalog.commit(session -> catalog.recordMeta(session, OWNERS, "yes"));
    }
  }
}
