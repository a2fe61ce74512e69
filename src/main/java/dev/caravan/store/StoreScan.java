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
    return open(temporaries, folder -> {});
  }

  /**
   * The same, telling of the folders as well.
   *
   * @param folders is told of each folder below the root that could be listed, before the cursor
   *     returns what lies in it; its own place in the order is that of its path with a slash
   */
  public StoreCursor open(Consumer<StorePath> temporaries, Consumer<FileStat> folders) {
    return new ScanCursor(reader(temporaries), tree.root(), "", folders, false);
  }

  /** True when a scan looks into a folder of this name, as far as the filters say. */
  public boolean looksInto(StorePath folder) {
    return filters.mayAdmitBelow(folder.value()) && !tree.isReserved(folder);
  }

  /**
   * Begins a walk that also yields each folder, right before what lies in it. The order is that of
   * paths in which a folder's ends with a slash. A folder that cannot be read is yielded as what it
   * is and then once more as a problem.
   *
   * @throws StoreMissingException when the root is not there or cannot be read
   */
  public StoreCursor openWhole() {
    return new ScanCursor(reader(path -> {}), tree.root(), "", folder -> {}, true);
  }

  /**
   * Begins a walk of one folder and all below it.
   *
   * @param folder where a folder lies
   * @throws StoreMissingException when it is not there or cannot be read
   */
  public StoreCursor openBelow(StorePath folder) {
    String prefix = folder.value() + "/";
    return new ScanCursor(reader(path -> {}), tree.pathOf(folder), prefix, below -> {}, false);
  }

  private FolderReader reader(Consumer<StorePath> temporaries) {
    return new FolderReader(filters, tree.reservedPaths(), temporaries);
  }
}
