package dev.caravan.sync.detect;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.database.SnapshotTable;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreMounts;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Compares a few files that the watch told of with the catalog. It settles the plain case alone: a
 * regular file that is new or changed, in a folder that is known. Whatever else it meets (something
 * that is gone, a folder, a link, a log of a database, another disk, an error) is left to a look at
 * the whole store. So nothing is ever taken for deleted here.
 */
public final class NoticedFiles {

  private static final List<String> COMPANIONS = List.of("-wal", "-shm", "-journal");

  private final Catalog catalog;
  private final StoreTree tree;
  private final Predicate<StorePath> admits;
  private final StoreDetector.LogFinder logs;
  private final NodeTable nodes;
  private final List<FileRow> changed = new ArrayList<>();
  private final List<FileRow> arrived = new ArrayList<>();
  private final Map<StorePath, NodeRow> folders = new LinkedHashMap<>();
  private long found;
  private long foundBytes;
  private boolean more;

  public NoticedFiles(
      Catalog catalog, StoreTree tree, Predicate<StorePath> admits, StoreDetector.LogFinder logs) {
    this.catalog = catalog;
    this.tree = tree;
    this.admits = admits;
    this.logs = logs;
    this.nodes = new NodeTable(catalog);
  }

  /**
   * Looks at them; nothing is recorded.
   *
   * @return false when the whole store has to be looked at
   */
  public boolean look(Collection<StorePath> paths) {
    try {
      StoreMounts mounts = StoreMounts.of(tree);
      more = new MountMemory(catalog, mounts, halt -> false).halt().isPresent();
      List<SnapshotTable.Snapshot> snapshots = catalog.read(SnapshotTable::all);
      for (StorePath path : paths) {
        boolean plain = snapshots.stream().noneMatch(each -> each.path().equals(path));
        if (!plain || !settles(path, mounts)) {
          more = true;
        }
      }
    } catch (StoreMissingException e) {
      more = true;
    }
    return !more;
  }

  private boolean settles(StorePath path, StoreMounts mounts) {
    try {
      Optional<FileStat> stat = tree.statAny(path);
      Optional<FileRow> row = catalog.files().find(path);
      return stat.isPresent() ? settles(stat.get(), row, mounts) : isOfNoInterest(path, row);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** A file that came and went, or left the disk to make room. */
  private boolean isOfNoInterest(StorePath path, Optional<FileRow> row) {
    return row.filter(each -> each.state() == FileRow.State.PRESENT).isEmpty()
        && COMPANIONS.stream().noneMatch(path.value()::endsWith)
        && !catalog.files().isAnyBelow(path)
        && !nodes.knows(path.value());
  }

  private boolean settles(FileStat stat, Optional<FileRow> row, StoreMounts mounts)
      throws IOException {
    StorePath path = stat.path();
    if (stat.kind() != FileStat.Kind.FILE) {
      return false;
    }
    if (!admits.test(path) || tree.isReserved(path)) {
      return true;
    }
    boolean plain =
        mounts.isOnRootsDisk(stat)
            && row.filter(each -> each.device() != stat.device() || each.missingLooks() > 0)
                .isEmpty()
            && logs.databaseOf(path).isEmpty()
            && !logs.hasLog(path)
            && !isLinkedElsewhere(path)
            && isFolderKnown(path);
    if (plain) {
      compare(stat, row);
    }
    return plain;
  }

  /** Under its other names nobody tells of it. */
  private boolean isLinkedElsewhere(StorePath path) throws IOException {
    Object links = Files.getAttribute(tree.pathOf(path), "unix:nlink", NOFOLLOW_LINKS);
    return !(links instanceof Integer count) || count > 1;
  }

  /** A folder's time changes with what lies in it. */
  private boolean isFolderKnown(StorePath path) throws IOException {
    if (path.folder().isEmpty() || folders.containsKey(StorePath.of(path.folder()))) {
      return true;
    }
    StorePath folder = StorePath.of(path.folder());
    Optional<FileStat> stat = tree.statAny(folder);
    Optional<NodeRow> row = nodes.findFolder(folder);
    if (row.isEmpty() || stat.filter(each -> each.kind() == FileStat.Kind.FOLDER).isEmpty()) {
      return false;
    }
    FileStat is = stat.get();
    NodeRow now =
        row.get()
            .after(NodeRow.seen(folder, Optional.empty(), is.mode(), is.owner(), is.modifiedNs()));
    boolean plain = row.get().here() && row.get().missingLooks() == 0 && row.get().isLike(now);
    if (plain) {
      folders.put(folder, now);
    }
    return plain;
  }

  private void compare(FileStat stat, Optional<FileRow> row) {
    found++;
    foundBytes += stat.sizeBytes();
    boolean same =
        row.filter(each -> each.state() == FileRow.State.PRESENT)
            .filter(each -> !StoreDetector.differs(stat, each))
            .isPresent();
    if (row.filter(each -> each.state() == FileRow.State.PURGED).isPresent()) {
      arrived.add(StoreDetector.rowOf(stat));
    } else if (!same) {
      changed.add(StoreDetector.rowOf(stat));
    }
  }

  /** Records what was found; returns once that is committed. */
  public StoreFindings record(StoreChanges changes) {
    changed.forEach(changes::seen);
    long arrivals = arrived.stream().filter(changes::arrived).count();
    if (!folders.isEmpty()) {
      List<NodeRow> rows = List.copyOf(folders.values());
      catalog.submit(session -> nodes.record(session, rows));
    }
    changes.finish();
    return new StoreFindings(found, foundBytes, found, changed.size() + arrivals, 0, List.of());
  }
}
