package dev.caravan.sync.detect;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.FileTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.scan.ScanEntry;
import dev.caravan.store.scan.StoreCursor;
import dev.caravan.sync.plan.SyncReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Compares a scan with the catalog. Both come in the same order, so that one pass over both with
 * one entry of each in memory finds what is new, changed, missing or back.
 */
public final class StoreDetector {

  private static final int UNREADABLE_MAX = 1_000;

  private final Predicate<StorePath> admits;
  private final StoreChanges changes;
  private final SkipListener skips;
  private final MountMemory mounts;
  private final Consumer<FileStat> links;
  private final LogFinder logs;
  private final List<String> unreadable = new ArrayList<>();
  private long found;
  private long foundBytes;
  private long known;
  private long changed;
  private long missing;

  /** Is told of what the scan met and the mirror leaves out. */
  public interface SkipListener {
    void skipped(StorePath path, SyncReason reason, String message);
  }

  /** Tells which database a file is the log or journal of. */
  public interface LogFinder {

    /** Finds none. */
    LogFinder NONE = path -> Optional.empty();

    Optional<StorePath> databaseOf(StorePath path);

    /** True when what is committed is not in the database's file alone. */
    default boolean hasLog(StorePath database) {
      return false;
    }

    /** How a database and its log look; {@code ""} when that cannot be told. */
    default String stampOf(StorePath database) {
      return "";
    }
  }

  /**
   * @param links is told of each symbolic link
   * @param logs tells of logs and journals of databases
   */
  public StoreDetector(
      Predicate<StorePath> admits,
      StoreChanges changes,
      SkipListener skips,
      MountMemory mounts,
      Consumer<FileStat> links,
      LogFinder logs) {
    this.logs = logs;
    this.admits = admits;
    this.links = links;
    this.changes = changes;
    this.skips = skips;
    this.mounts = mounts;
  }

  public StoreFindings compare(StoreCursor scan, FileTable.Cursor rows) {
    changes.begin();
    changes.snapshots(
        each -> each.stamp().filter(stamp -> stamp.equals(logs.stampOf(each.path()))).isEmpty());
    Optional<ScanEntry> entry = scan.next();
    Optional<FileRow> row = rows.next();
    while (entry.isPresent() || row.isPresent()) {
      int order = order(entry, row);
      if (order < 0) {
        onlyInStore(entry.orElseThrow());
      } else if (order > 0) {
        onlyInCatalog(row.orElseThrow());
      } else {
        inBoth(entry.orElseThrow(), row.orElseThrow());
      }
      if (order <= 0) {
        entry = scan.next();
      }
      if (order >= 0) {
        row = rows.next();
      }
    }
    changes.finish();
    return new StoreFindings(found, foundBytes, known, changed, missing, List.copyOf(unreadable));
  }

  private static int order(Optional<ScanEntry> entry, Optional<FileRow> row) {
    if (entry.isEmpty()) {
      return 1;
    }
    if (row.isEmpty()) {
      return -1;
    }
    return entry.get().path().compareTo(row.get().path());
  }

  private void onlyInStore(ScanEntry entry) {
    if (isFile(entry) && !isLog(entry.path())) {
      record(entry.stat().orElseThrow());
    }
  }

  private void inBoth(ScanEntry entry, FileRow row) {
    countKnown(row);
    if (!isFile(entry)) {
      if (entry.problem().isEmpty()) {
        gone(row);
      }
      return;
    }
    FileStat stat = entry.stat().orElseThrow();
    if (stat.device() != row.device() && isAway(row.path())) {
      // It lies where the mounted disk's file of the same name lay: which one counts is not known.
      skips.skipped(row.path(), SyncReason.MOUNT_AWAY, "the disk that held it is not mounted");
      return;
    }
    if (isLog(entry.path())) {
      // It was mirrored as a file before. It lies there, so that nothing was deleted.
      found(stat);
      forgetLooks(row);
      return;
    }
    if (row.state() == FileRow.State.PURGED) {
      found(stat);
      changed += changes.arrived(rowOf(stat)) ? 1 : 0;
      return;
    }
    if (row.state() != FileRow.State.PRESENT || differs(stat, row)) {
      record(stat);
      return;
    }
    found(stat);
    changes.unchanged(stat);
    forgetLooks(row);
  }

  /** A file that is here, or that the filters exclude by now, is not on its way to be deleted. */
  private void forgetLooks(FileRow row) {
    if (row.missingLooks() > 0) {
      changes.back(row.path());
    }
  }

  private void onlyInCatalog(FileRow row) {
    countKnown(row);
    gone(row);
  }

  /** A file that the catalog knows and the scan did not find as a file. */
  private void gone(FileRow row) {
    if (row.state() != FileRow.State.PRESENT) {
      return;
    }
    if (!admits.test(row.path())) {
      forgetLooks(row);
      return;
    }
    if (isUnknown(row.path())) {
      return;
    }
    missing++;
    changes.missing(row);
  }

  private boolean isAway(StorePath path) {
    return mounts.away().stream().anyMatch(path::isWithin);
  }

  /** True below a place that could not be read: what lies there is unknown, not gone. */
  public boolean isUnknown(StorePath path) {
    if (isAway(path)) {
      return true;
    }
    if (unreadable.size() >= UNREADABLE_MAX) {
      return true;
    }
    for (String place : unreadable) {
      if (path.isWithin(place)) {
        return true;
      }
    }
    return false;
  }

  private boolean isFile(ScanEntry entry) {
    if (entry.problem().isPresent()) {
      unreadable.add(entry.path().value());
      skips.skipped(entry.path(), SyncReason.UNREADABLE, entry.problem().get());
      return false;
    }
    FileStat stat = entry.stat().orElseThrow();
    return switch (stat.kind()) {
      case FILE -> true;
      case SYMLINK -> {
        links.accept(stat);
        yield false;
      }
      case SPECIAL -> {
        skips.skipped(
            stat.path(), SyncReason.SPECIAL_FILE, "a socket, pipe or device has no content");
        yield false;
      }
      case FOLDER -> false;
    };
  }

  /** What lies beside a database of SQLite is of no use without it, and no file of the mirror. */
  private boolean isLog(StorePath path) {
    Optional<StorePath> database = logs.databaseOf(path);
    if (database.isPresent()) {
      if (logs.hasLog(database.get())) {
        changes.live(database.get());
      }
      skips.skipped(path, SyncReason.DATABASE_LOG, "it goes with " + database.get());
    }
    return database.isPresent();
  }

  private void countKnown(FileRow row) {
    if (row.state() == FileRow.State.PRESENT) {
      known++;
    }
  }

  private void found(FileStat stat) {
    mounts.mounts().note(stat);
    found++;
    foundBytes += stat.sizeBytes();
  }

  private void record(FileStat stat) {
    found(stat);
    changed++;
    changes.seen(rowOf(stat));
  }

  static boolean differs(FileStat stat, FileRow row) {
    return stat.sizeBytes() != row.sizeBytes()
        || stat.modifiedNs() != row.modifiedNs()
        || stat.changedNs() != row.changedNs()
        || stat.inode() != row.inode();
  }

  public static FileRow rowOf(FileStat stat) {
    return new FileRow(
        stat.path(),
        FileRow.State.PRESENT,
        stat.sizeBytes(),
        stat.modifiedNs(),
        stat.changedNs(),
        stat.inode(),
        stat.device(),
        stat.mode(),
        Optional.empty(),
        0,
        stat.owner());
  }
}
