package dev.caravan.store;

import dev.caravan.event.StorePath;
import java.util.function.Consumer;

/**
 * Walks the store: every admitted file in byte order of its path, one {@code lstat} each, holding
 * one folder per level in memory.
 *
 * <p>Links are listed, never followed. Other file systems are descended into; each {@link
 * FileStat#device} tells. The state folder, a {@code .caravan} folder at the top and unfinished
 * files of Caravan's own are left out. What vanishes during the walk is left out as well, but only
 * while the folder above it stays; a root that goes away ends the scan with {@link
 * StoreMissingException}.
 */
public final class StoreScan {
  private final StoreTree tree;
  private final Filters filters;

  public StoreScan(StoreTree tree, Filters filters) {
    this.tree = tree;
    this.filters = filters;
  }

  /**
   * Begins a walk.
   *
   * @throws StoreMissingException when the root is not there or cannot be read
   */
  public StoreCursor open() {
    return open(path -> {});
  }

  /**
   * Begins a walk that also tells of files that a crash left unfinished. Who holds the lock and has
   * no download under way may delete them.
   *
   * @throws StoreMissingException when the root is not there or cannot be read
   */
  public StoreCursor open(Consumer<StorePath> temporaries) {
    return new ScanCursor(reader(temporaries), tree.root(), false);
  }

  /**
   * Begins a walk that also yields each folder, right before what lies in it, and who owns what.
   * The order is that of paths in which a folder's ends with a slash. A folder that cannot be read
   * is yielded as what it is and then once more as a problem.
   *
   * @throws StoreMissingException when the root is not there or cannot be read
   */
  public StoreCursor openWhole() {
    return new ScanCursor(reader(path -> {}), tree.root(), true);
  }

  private FolderReader reader(Consumer<StorePath> temporaries) {
    return new FolderReader(filters, tree.reservedPaths(), temporaries);
  }
}
