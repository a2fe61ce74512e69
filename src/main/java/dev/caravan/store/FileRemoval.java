package dev.caravan.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a file off the disk of the store, if it is still the version that is meant.
 *
 * <p>Between a look and an unlink the owner may put something else under the name. So the file is
 * first renamed aside, to a name that no scan shows; there it is looked at once more, and only the
 * very version that is meant is unlinked. Anything else goes back under its name, which by then the
 * owner may have given to another file: nothing is ever replaced. Folders stay.
 */
public final class FileRemoval {

  private static final String KEPT = "caravan-kept-";
  private static final int NAMES_MAX = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger("caravan.store");

  private final StoreTree tree;
  private final long begunNs;

  /** Made where the process begins to work on the store, alone. */
  public FileRemoval(StoreTree tree) {
    this.tree = tree;
    this.begunNs = TimeUnit.MILLISECONDS.toNanos(tree.clock().millis());
  }

  /** What became of the file. */
  public enum Outcome {
    /** It is gone, and that survives a power cut. */
    REMOVED,
    /** Something else lies there; it was left, or put back. */
    CHANGED,
    /** Nothing lies there any more; it was not us. */
    GONE,
    /** It changed while its owner gave its name to another file: it lies beside that one now. */
    KEPT_BESIDE
  }

  /**
   * Removes exactly this version.
   *
   * @param meant what was seen when the file was hashed
   * @throws IOException when it cannot be done; the file lies there, or {@link #recover} finds it
   */
  public Outcome remove(FileStat meant) throws IOException {
    StorePath path = meant.path();
    if (tree.isReserved(path)) {
      throw new IOException("Refused " + path + ": it lies in Caravan's own folder");
    }
    Optional<FileStat> now = tree.stat(path);
    if (now.isEmpty()) {
      return Outcome.GONE;
    }
    if (now.get().kind() != FileStat.Kind.FILE || !now.get().isSameVersionAs(meant)) {
      return Outcome.CHANGED;
    }
    Path file = tree.pathOf(path);
    Path aside = asideOf(file, meant.inode());
    if (Files.exists(aside, NOFOLLOW_LINKS)) {
      throw new IOException("%s lies in the way of removing %s".formatted(aside, path));
    }
    try {
      Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return Outcome.GONE;
    }
    return finish(meant, file, aside);
  }

  /**
   * Removes a symbolic link, and nothing that its owner puts in its place meanwhile.
   *
   * @param meant what the link led to, under the link's own path
   * @throws IOException when it cannot be done; the link lies there, or {@link #recover} finds it
   */
  public Outcome removeLink(FileStat meant) throws IOException {
    Path file = tree.pathOf(meant.path());
    Path aside = asideOf(file, meant.inode());
    if (Files.exists(aside, NOFOLLOW_LINKS)) {
      throw new IOException("%s lies in the way of removing %s".formatted(aside, meant.path()));
    }
    try {
      Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return Outcome.GONE;
    }
    if (!Files.isSymbolicLink(aside)) {
      return putBack(meant, file, aside);
    }
    Files.delete(aside);
    settle(meant, file);
    return Outcome.REMOVED;
  }

  /**
   * Ends a removal whose process died: what was renamed aside is put back under its name.
   *
   * @return what was done; empty when nothing lies aside
   */
  public Optional<Outcome> recover(FileStat meant) throws IOException {
    Path file = tree.pathOf(meant.path());
    Path aside = asideOf(file, meant.inode());
    if (!Files.exists(aside, NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (Files.exists(file, NOFOLLOW_LINKS) && isMeant(meant, aside)) {
      return Optional.of(finish(meant, file, aside));
    }
    return Optional.of(putBack(meant, file, aside));
  }

  /** True while anything lies under the name. */
  public boolean isThere(StorePath path) throws IOException {
    return tree.stat(path).isPresent();
  }

  private static Outcome finish(FileStat meant, Path file, Path aside) throws IOException {
    if (!isMeant(meant, aside)) {
      return putBack(meant, file, aside);
    }
    Files.delete(aside);
    settle(meant, file);
    return Outcome.REMOVED;
  }

  private static void settle(FileStat meant, Path file) {
    try {
      forceFolderOf(file);
    } catch (IOException e) {
      // It is gone all the same; at worst a power cut brings it back under its hidden name.
      LOG.warn("The folder of {} cannot be made durable: {}", meant.path(), e.toString());
    }
  }

  /** The renaming itself changed the ctime; a write would have changed size or mtime. */
  private static boolean isMeant(FileStat meant, Path aside) throws IOException {
    FileStat found = NodeStat.of(aside).at(meant.path());
    return found.kind() == FileStat.Kind.FILE
        && found.sizeBytes() == meant.sizeBytes()
        && found.modifiedNs() == meant.modifiedNs()
        && found.inode() == meant.inode();
  }

  private static Outcome putBack(FileStat meant, Path file, Path aside) throws IOException {
    boolean back = placeWhereNothingIs(aside, file);
    for (int i = 0; !back && i < NAMES_MAX; i++) {
      Path beside = file.resolveSibling(KEPT + meant.inode() + (i == 0 ? "" : "-" + i));
      if (placeWhereNothingIs(aside, beside)) {
        forceFolderOf(file);
        return Outcome.KEPT_BESIDE;
      }
    }
    if (!back) {
      throw new IOException("%s can be put back nowhere beside %s".formatted(aside, file));
    }
    forceFolderOf(file);
    return Outcome.CHANGED;
  }

  /** A hard link is the only step that both creates a name and refuses to replace. */
  private static boolean placeWhereNothingIs(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
      Files.delete(from);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return moveWhereNothingIs(from, to);
    }
  }

  /** For folders, and for file systems without hard links. */
  private static boolean moveWhereNothingIs(Path from, Path to) throws IOException {
    try {
      Files.move(from, to);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /**
   * Deletes what a process left unfinished that died while it brought a file back. What was touched
   * since this one began is somebody's who is at work; what lies aside was finished, and stays.
   *
   * @param found as a scan tells of it
   */
  public void sweep(StorePath found) {
    if (!AtomicFile.isUnfinished(found.name())) {
      return;
    }
    try {
      Path file = tree.pathOf(found);
      FileStat stat = NodeStat.of(file).at(found);
      if (stat.kind() == FileStat.Kind.FILE && stat.changedNs() < begunNs) {
        Files.delete(file);
        LOG.info("{} was left unfinished by a process that died; it is deleted", found);
      }
    } catch (IOException e) {
      LOG.debug("{} was left unfinished and cannot be deleted: {}", found, e.getMessage());
    }
  }

  /** Where a good copy waits until it takes the place of a damaged file; no scan shows it. */
  public Path waitingOf(StorePath path, long number) {
    return tree.pathOf(path).resolveSibling(AtomicFile.unfinishedName(number));
  }

  /** Deletes a good copy that waits in vain. */
  public void dropWaiting(StorePath path, long number) {
    try {
      Files.deleteIfExists(waitingOf(path, number));
    } catch (IOException e) {
      LOG.debug("A copy of {} is left and cannot be deleted: {}", path, e.getMessage());
    }
  }

  /**
   * Puts the good copy that waits in the place of exactly this version. Whatever else lies there,
   * or comes there meanwhile, stays: see the class.
   *
   * @param number of {@link #waitingOf}; nobody else uses it
   * @return what lies there now; empty when the good copy does not
   * @throws IOException when it cannot be done; {@link #recoverReplace} has to follow
   */
  public Optional<FileStat> replace(FileStat damaged, long number) throws IOException {
    StorePath path = damaged.path();
    Path file = tree.pathOf(path);
    Path waiting = waitingOf(path, number);
    Path aside = asideOf(file, number);
    FileStat good = NodeStat.of(waiting).at(path);
    Optional<FileStat> now = tree.stat(path).filter(damaged::isSameVersionAs);
    if (now.isEmpty() || now.get().kind() != FileStat.Kind.FILE) {
      return Optional.empty();
    }
    if (Files.exists(aside, NOFOLLOW_LINKS)) {
      throw new IOException("%s lies in the way of replacing %s".formatted(aside, path));
    }
    try {
      Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (isMeant(damaged, aside)) {
      placeWhereNothingIs(waiting, file);
    }
    drop(damaged, file, aside);
    return tree.stat(path)
        .filter(
            found ->
                found.inode() == good.inode()
                    && found.sizeBytes() == good.sizeBytes()
                    && found.modifiedNs() == good.modifiedNs());
  }

  /** Somebody who had it open may have written to it up to now: that is kept. */
  private static void drop(FileStat damaged, Path file, Path aside) throws IOException {
    if (isMeant(damaged, aside)) {
      Files.delete(aside);
    } else {
      putBack(damaged, file, aside);
    }
    forceFolderOf(file);
  }

  /**
   * Ends a {@link #replace} that did not come to its end. The damaged file never comes back under
   * its name, where its new ctime would make it look like another version.
   *
   * @param lost asked when neither the damaged file nor the good copy lies under the name: false
   *     puts the damaged one back after all
   * @return true when the damaged file, or what its owner made of it, lay aside
   */
  public boolean recoverReplace(FileStat damaged, long number, BooleanSupplier lost)
      throws IOException {
    StorePath path = damaged.path();
    Path file = tree.pathOf(path);
    Path aside = asideOf(file, number);
    boolean found = Files.exists(aside, NOFOLLOW_LINKS);
    if (found && isMeant(damaged, aside)) {
      try {
        placeWhereNothingIs(waitingOf(path, number), file);
      } catch (IOException e) {
        LOG.warn("The good copy of {} cannot take its place: {}", path, e.toString());
      }
      if (tree.stat(path).isPresent() || lost.getAsBoolean()) {
        drop(damaged, file, aside);
      } else {
        putBack(damaged, file, aside);
      }
    } else if (found) {
      putBack(damaged, file, aside);
    }
    dropWaiting(path, number);
    return found;
  }

  private static Path asideOf(Path file, long number) {
    return file.resolveSibling(AtomicFile.asideName(number));
  }

  private static void forceFolderOf(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
