package dev.caravan.snapshot.tree;

import dev.caravan.event.Owner;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileStat.Kind;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import dev.caravan.store.scan.ScanEntry;
import dev.caravan.store.scan.StoreCursor;
import dev.caravan.store.scan.StoreScan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A walk over everything below a folder: files, folders and symbolic links, one {@code lstat} each.
 * For one thread.
 *
 * <p>The order is the byte order of paths in which a folder's ends with a slash ({@code a.txt}
 * before folder {@code a}, and that right before {@code a/x}): so files come in the order of their
 * object keys, and each folder before what lies in it. In memory is one folder per level, flat.
 * Links are never followed. Sockets, pipes and devices, and what cannot be read, are problems; the
 * walk goes on. A {@code .caravan} folder at the top is Caravan's own and left out.
 */
public final class TreeWalk implements AutoCloseable {

  private final StoreTree tree;
  private final StoreCursor cursor;

  private TreeWalk(StoreTree tree, StoreCursor cursor) {
    this.tree = tree;
    this.cursor = cursor;
  }

  /**
   * Begins a walk.
   *
   * @throws dev.caravan.store.StoreMissingException when the folder is not there or cannot be read
   */
  public static TreeWalk open(StoreTree tree, Filters filters) {
    return new TreeWalk(tree, new StoreScan(tree, filters).openWhole());
  }

  /**
   * The next entry; empty at the end.
   *
   * @throws dev.caravan.store.StoreMissingException when the folder went away: what came so far is
   *     not the whole
   */
  public Optional<TreeEntry> next() {
    while (true) {
      Optional<ScanEntry> next = cursor.next();
      if (next.isEmpty()) {
        return Optional.empty();
      }
      Optional<TreeEntry> entry = entryOf(next.get());
      if (entry.isPresent()) {
        return entry;
      }
    }
  }

  @Override
  public void close() {
    cursor.close();
  }

  /** Empty for a link that went away between two looks. */
  private Optional<TreeEntry> entryOf(ScanEntry entry) {
    if (entry.problem().isPresent()) {
      return Optional.of(new TreeEntry.Problem(entry.path(), entry.problem().get()));
    }
    FileStat stat = entry.stat().orElseThrow();
    Owner owner = stat.owner().orElseThrow();
    int uid = (int) owner.uid();
    int gid = (int) owner.gid();
    if (stat.kind() == Kind.SPECIAL) {
      return Optional.of(
          new TreeEntry.Problem(
              entry.path(), "a socket, pipe or device has no content that could be kept"));
    }
    if (stat.kind() != Kind.SYMLINK) {
      return Optional.of(new TreeEntry.Found(stat, uid, gid, Optional.empty()));
    }
    return linkAt(stat.path())
        .map(
            to ->
                to.cause().isEmpty()
                    ? new TreeEntry.Found(stat, uid, gid, Optional.of(to.text()))
                    : new TreeEntry.Problem(stat.path(), to.cause()));
  }

  /** Where a link leads, or why that is not known. */
  private record Lead(String text, String cause) {}

  private Optional<Lead> linkAt(StorePath path) {
    try {
      Path lead = Files.readSymbolicLink(tree.pathOf(path));
      return Optional.of(new Lead(PathNames.textOf(lead), ""));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(new Lead("", "the link cannot be read: " + e.getMessage()));
    }
  }
}
