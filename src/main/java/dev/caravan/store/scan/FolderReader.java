package dev.caravan.store.scan;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.Faults;
import dev.caravan.store.Filters;
import dev.caravan.store.NodeStat;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/** Lists one folder: what is admitted, with one {@code lstat} per name. */
final class FolderReader {
  private final Filters filters;
  private final Set<String> reserved;
  private final int large;
  private final Runnable atLarge;

  /**
   * @param reserved paths of the store that are not the owner's
   */
  FolderReader(Filters filters, Set<String> reserved) {
    this(filters, reserved, Integer.MAX_VALUE, () -> {});
  }

  /**
   * @param reserved paths of the store that are not the owner's
   * @param large entries make a folder a large one
   * @param atLarge is called when one has turned out to be large, before more of it is read
   */
  FolderReader(Filters filters, Set<String> reserved, int large, Runnable atLarge) {
    this.filters = filters;
    this.reserved = reserved;
    this.large = large;
    this.atLarge = atLarge;
  }

  /**
   * Reads a folder to its end.
   *
   * @param prefix its store path with a slash, {@code ""} for the root
   * @param expected what the folder was when its parent was listed
   * @throws NoSuchFileException when the folder is gone
   * @throws IOException when any part of it is unknown, also when another folder took its place
   */
  FolderListing read(Path folder, String prefix, NodeStat expected) throws IOException {
    FolderListing listing = new FolderListing();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        add(listing, child, prefix);
        if (listing.count() == large) {
          atLarge.run();
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    // Opening a folder follows links, and an unmount hides what was still to be listed.
    NodeStat now = prefix.isEmpty() ? NodeStat.ofTarget(folder) : NodeStat.of(folder);
    if (!now.isFolder() || !now.isSameNodeAs(expected)) {
      throw new IOException("another folder took its place while it was listed");
    }
    listing.sort();
    return listing;
  }

  private void add(FolderListing listing, Path child, String prefix) throws IOException {
    String name = PathNames.textOf(child.getFileName());
    if (AtomicFile.isTemporary(name)) {
      listing.addTemporary(StorePath.of(prefix + name));
      return;
    }
    String path = prefix.concat(name);
    if (reserved.contains(path)) {
      return;
    }
    boolean mayBeFile = filters.admits(path);
    boolean mayBeFolder = filters.mayAdmitBelow(path);
    if (mayBeFile || mayBeFolder) {
      addStat(listing, child, name, mayBeFile, mayBeFolder);
    }
  }

  private static void addStat(
      FolderListing listing, Path child, String name, boolean mayBeFile, boolean mayBeFolder)
      throws IOException {
    try {
      NodeStat stat = NodeStat.of(child);
      if (stat.isFolder() ? mayBeFolder : mayBeFile) {
        listing.add(name, stat);
      }
    } catch (NoSuchFileException e) {
      // Deleted between listing and looking: it is as gone as if it had not been listed.
    } catch (AccessDeniedException e) {
      // A folder that may be listed but not entered: the same holds for every name in it.
      throw e;
    } catch (IOException e) {
      listing.addProblem(name, Faults.causeOf(e));
    }
  }
}
