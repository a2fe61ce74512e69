package dev.caravan.store.scan;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreTree;
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
    return cursor(new FolderWalk(reader(), tree.root(), ""), "", false);
  }

  /**
   * Begins a walk whose folders are read on a thread of its own, some thousand entries ahead of who
   * asks for them. Everything is told on the thread that asks, in the same order; an interrupt of
   * that ends nothing. Who closes the cursor ends the walk.
   *
   * @param temporaries is told of files of Caravan's own that a crash left unfinished. Who holds
   *     the lock and has no download under way may delete them
   * @param folders is told of each folder below the root that could be listed, before the cursor
   *     returns what lies in it; its own place in the order is that of its path with a slash
   * @throws StoreMissingException when the root is not there or cannot be read
   */
  public StoreCursor openAhead(Consumer<StorePath> temporaries, Consumer<FileStat> folders) {
    FoldersAhead ahead = new FoldersAhead();
    FolderReader reader =
        new FolderReader(filters, tree.reservedPaths(), FoldersAhead.MOST, ahead::large);
    ahead.begin(new FolderWalk(reader, tree.root(), ""));
    return new ScanCursor(ahead, "", temporaries, folders, false);
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
    return cursor(new FolderWalk(reader(), tree.root(), ""), "", true);
  }

  /**
   * Begins a walk of one folder and all below it.
   *
   * @param folder where a folder lies
   * @throws StoreMissingException when it is not there or cannot be read
   */
  public StoreCursor openBelow(StorePath folder) {
    String prefix = folder.value() + "/";
    return cursor(new FolderWalk(reader(), tree.pathOf(folder), prefix), prefix, false);
  }

  private FolderReader reader() {
    return new FolderReader(filters, tree.reservedPaths());
  }

  private static StoreCursor cursor(FolderFeed feed, String prefix, boolean whole) {
    return new ScanCursor(feed, prefix, path -> {}, folder -> {}, whole);
  }
}
