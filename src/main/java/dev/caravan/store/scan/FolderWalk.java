package dev.caravan.store.scan;

import dev.caravan.event.PathNames;
import dev.caravan.store.Faults;
import dev.caravan.store.NodeStat;
import dev.caravan.store.StoreMissingException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the folders of a walk when they are asked for, depth first. For one thread. */
final class FolderWalk implements FolderFeed {
  private final FolderReader reader;
  private final Path top;
  private final NodeStat topStat;
  private final FolderFound first;
  private final Deque<Level> levels = new ArrayDeque<>();
  private boolean begun;

  /** A folder on the way down, and how far the folders in it were read. */
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
   * Reads the first folder.
   *
   * @param top where the walk begins: the root, or a folder of the store
   * @param prefix the store path of that with a slash, {@code ""} for the root
   * @throws StoreMissingException when it is not there or cannot be read
   */
  FolderWalk(FolderReader reader, Path top, String prefix) {
    this.reader = reader;
    this.top = top;
    try {
      topStat = prefix.isEmpty() ? NodeStat.ofTarget(top) : NodeStat.of(top);
      first = enter(top, prefix, topStat);
    } catch (IOException e) {
      throw missing(Faults.causeOf(e), e);
    }
  }

  @Override
  public Optional<FolderFound> next() {
    if (!begun) {
      begun = true;
      return Optional.of(first);
    }
    while (!levels.isEmpty()) {
      Level level = levels.getFirst();
      while (level.next < level.listing.count()) {
        int place = level.next++;
        if (level.listing.isFolder(place)) {
          return Optional.of(below(level, place));
        }
      }
      levels.pop();
    }
    ensureTopStays();
    return Optional.empty();
  }

  private FolderFound below(Level level, int place) {
    String name = level.listing.name(place);
    Path folder = PathNames.resolve(level.folder, name);
    try {
      return enter(folder, level.prefix + name + "/", level.listing.stat(place));
    } catch (NoSuchFileException e) {
      return isStillThere(level)
          ? FolderFound.GONE
          : FolderFound.unreadable("the folder above it went away while it was walked");
    } catch (IOException e) {
      ensureTopStays();
      return FolderFound.unreadable(Faults.causeOf(e));
    }
  }

  private FolderFound enter(Path folder, String prefix, NodeStat stat) throws IOException {
    FolderListing listing = reader.read(folder, prefix, stat);
    levels.push(new Level(folder, prefix, stat, listing));
    return FolderFound.read(listing);
  }

  /** A folder that vanished with its parent may be unmounted or moved: it is unknown, not gone. */
  private boolean isStillThere(Level level) {
    ensureTopStays();
    try {
      return level.prefix.isEmpty() || NodeStat.of(level.folder).isSameNodeAs(level.stat);
    } catch (IOException e) {
      return false;
    }
  }

  private void ensureTopStays() {
    try {
      if (!NodeStat.ofTarget(top).isSameNodeAs(topStat)) {
        throw missing("another folder took its place during the scan", null);
      }
    } catch (IOException e) {
      throw missing(Faults.causeOf(e), e);
    }
  }

  private StoreMissingException missing(String cause, @Nullable Throwable e) {
    String message =
        "Store " + top + " cannot be read: " + cause + "; mount it or correct store.path";
    return new StoreMissingException(message, e);
  }

  @Override
  public void close() {
    levels.clear();
  }
}
