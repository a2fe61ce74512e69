package dev.caravan.store.scan;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/** Yields what the folders of a walk list, in the order of a {@link StoreScan}. For one thread. */
final class ScanCursor implements StoreCursor {
  private final FolderFeed feed;
  private final Consumer<StorePath> temporaries;
  private final Consumer<FileStat> folders;
  private final boolean whole;
  private final Deque<Level> levels = new ArrayDeque<>();
  private Optional<ScanEntry> waiting = Optional.empty();
  private boolean ended;

  /** A folder on the way down, and how far it was told. */
  private static final class Level {
    private final String prefix;
    private final FolderListing listing;
    private int next;

    private Level(String prefix, FolderListing listing) {
      this.prefix = prefix;
      this.listing = listing;
    }
  }

  /**
   * @param prefix the store path of the first folder with a slash, {@code ""} for the root
   * @param temporaries is told of each unfinished file of Caravan's own
   * @param folders is told of each folder below the first that could be listed
   * @param whole also yields folders
   */
  ScanCursor(
      FolderFeed feed,
      String prefix,
      Consumer<StorePath> temporaries,
      Consumer<FileStat> folders,
      boolean whole) {
    this.feed = feed;
    this.temporaries = temporaries;
    this.folders = folders;
    this.whole = whole;
    enter(prefix);
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
        levels.pop();
        continue;
      }
      int place = level.next++;
      StorePath path = StorePath.of(level.prefix.concat(level.listing.name(place)));
      Optional<String> problem = level.listing.problem(place);
      if (level.listing.isFolder(place)) {
        FileStat folder = level.listing.stat(place).at(path);
        FolderFound found = enter(path.value() + "/");
        if (found.listing().isPresent()) {
          folders.accept(folder);
        }
        problem = found.problem();
        if (whole) {
          waiting = problem.map(why -> problem(path, why));
          return Optional.of(entry(folder));
        }
        if (problem.isEmpty()) {
          continue;
        }
      }
      return Optional.of(
          problem
              .map(why -> problem(path, why))
              .orElseGet(() -> entry(level.listing.stat(place).at(path))));
    }
    end();
    return Optional.empty();
  }

  private static ScanEntry entry(FileStat stat) {
    return new ScanEntry(stat.path(), Optional.of(stat), Optional.empty());
  }

  private static ScanEntry problem(StorePath path, String why) {
    return new ScanEntry(path, Optional.empty(), Optional.of(why));
  }

  /** Goes down one level, where that is possible. */
  private FolderFound enter(String prefix) {
    FolderFound found = ask().orElseThrow();
    found
        .listing()
        .ifPresent(
            listing -> {
              listing.temporaries().forEach(temporaries);
              levels.push(new Level(prefix, listing));
            });
    return found;
  }

  /** The root may have gone away with the last file. */
  private void end() {
    if (!ended) {
      ask();
      ended = true;
    }
  }

  /** Nothing follows a fault. */
  private Optional<FolderFound> ask() {
    boolean answered = false;
    try {
      Optional<FolderFound> found = feed.next();
      answered = true;
      return found;
    } finally {
      if (!answered) {
        levels.clear();
        ended = true;
      }
    }
  }

  @Override
  public void close() {
    levels.clear();
    ended = true;
    feed.close();
  }
}
