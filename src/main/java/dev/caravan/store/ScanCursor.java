package dev.caravan.store;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The walk of a {@link StoreScan}. For one thread. */
final class ScanCursor implements StoreCursor {
  private final FolderReader reader;
  private final Path root;
  private final NodeStat rootStat;
  private final Consumer<FileStat> folders;
  private final boolean whole;
  private final Deque<Level> levels = new ArrayDeque<>();
  private Optional<ScanEntry> waiting = Optional.empty();

  /** A folder on the way down, and how far it was walked. */
  private static final class Level {
    private final Path folder;
    private final String prefix;
    private final NodeStat stat;
    private final FolderListing listing;
    private int next;

    private Level(Path folder, String prefix, NodeStat stat, FolderListing listing) {
      this.folder = folder;
      this.prefix = prefix;
      this.stat = stat;
      this.listing = listing;
    }
  }

  /**
   * @param top where it begins: the root, or a folder of the store
   * @param prefix the store path of that with a slash, {@code ""} for the root
   * @param folders is told of each folder that could be listed
   * @param whole also yields folders
   */
  ScanCursor(
      FolderReader reader, Path top, String prefix, Consumer<FileStat> folders, boolean whole) {
    this.reader = reader;
    this.folders = folders;
    this.root = top;
    this.whole = whole;
    try {
      this.rootStat = prefix.isEmpty() ? NodeStat.ofTarget(top) : NodeStat.of(top);
      levels.push(new Level(top, prefix, rootStat, reader.read(top, prefix, rootStat)));
    } catch (IOException e) {
      throw missing(Faults.causeOf(e), e);
    }
  }

  @Override
  public Optional<ScanEntry> next() {
    if (waiting.isPresent()) {
      Optional<ScanEntry> next = waiting;
      waiting = Optional.empty();
      return next;
    }
    while (!levels.isEmpty()) {
      Level level = levels.getFirst();
      if (level.next == level.listing.count()) {
        leave();
        continue;
      }
      int place = level.next++;
      StorePath path = StorePath.of(level.prefix.concat(level.listing.name(place)));
      Optional<String> problem = level.listing.problem(place);
      if (problem.isEmpty() && level.listing.isFolder(place)) {
        NodeStat folder = level.listing.stat(place);
        problem = enter(level, path, folder);
        if (whole) {
          waiting = problem.map(why -> problem(path, why));
          return Optional.of(found(path, folder));
        }
        if (problem.isEmpty()) {
          continue;
        }
      }
      return Optional.of(
          problem
              .map(why -> problem(path, why))
              .orElseGet(() -> found(path, level.listing.stat(place))));
    }
    return Optional.empty();
  }

  private ScanEntry found(StorePath path, NodeStat stat) {
    return new ScanEntry(path, Optional.of(stat.at(path)), Optional.empty());
  }

  private static ScanEntry problem(StorePath path, String why) {
    return new ScanEntry(path, Optional.empty(), Optional.of(why));
  }

  @Override
  public void close() {
    levels.clear();
  }

  /** Goes down one level; returns why that is not possible, if so. */
  private Optional<String> enter(Level parent, StorePath path, NodeStat stat) {
    Path folder = PathNames.resolve(parent.folder, path.name());
    String prefix = path.value() + "/";
    try {
      levels.push(new Level(folder, prefix, stat, reader.read(folder, prefix, stat)));
      folders.accept(stat.at(path));
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return isStillThere(parent)
          ? Optional.empty()
          : Optional.of("the folder above it went away while it was walked");
    } catch (IOException e) {
      ensureRootStays();
      return Optional.of(Faults.causeOf(e));
    }
  }

  private void leave() {
    levels.pop();
    if (levels.isEmpty()) {
      ensureRootStays();
    }
  }

  /** A folder that vanished with its parent may be unmounted or moved: it is unknown, not gone. */
  private boolean isStillThere(Level level) {
    ensureRootStays();
    try {
      return level.prefix.isEmpty() || NodeStat.of(level.folder).isSameNodeAs(level.stat);
    } catch (IOException e) {
      return false;
    }
  }

  private void ensureRootStays() {
    try {
      if (!NodeStat.ofTarget(root).isSameNodeAs(rootStat)) {
        throw missing("another folder took its place during the scan", null);
      }
    } catch (IOException e) {
      throw missing(Faults.causeOf(e), e);
    }
  }

  private StoreMissingException missing(String cause, @Nullable Throwable e) {
    String message =
        "Store " + root + " cannot be read: " + cause + "; mount it or correct store.path";
    return new StoreMissingException(message, e);
  }
}
