package dev.caravan.remote.dir;

import dev.caravan.event.PathNames;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TempNames;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Makes the folders that a key needs, clears what is in its way, and removes folders that became
 * empty.
 *
 * <p>A file system cannot hold {@code a} and {@code a/b} at once. When the owner replaced a file by
 * a folder, or the other way round, the old object is still there when the new one arrives; it is
 * moved aside to {@code .caravan/trash/<date>/<key>} (or {@code …~1}, if that is taken), never
 * overwritten, and the key it had answers as absent from then on.
 */
final class DirFolders {

  /** Others may remove an emptied folder while we fill it; that many times in a row they do not. */
  private static final int TRIES = 100;

  private final DirRoot root;
  private final DirErrors errors;
  private final Clock clock;

  DirFolders(DirRoot root, DirErrors errors, Clock clock) {
    this.root = root;
    this.errors = errors;
    this.clock = clock;
  }

  /** Makes the folder and those above it, durably; does nothing when it is there. */
  void make(Path folder) throws IOException, RemoteException {
    for (int tries = 1; !folder.equals(root.path()); tries++) {
      try {
        Path at = root.path();
        for (Path segment : root.path().relativize(folder)) {
          at = makeOne(at, at.resolve(segment));
        }
        return;
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        // Someone else made it, or removed the one above it: look again.
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Renames a file to its final place, replacing an object and moving aside a folder that is there.
   *
   * @return false when the two lie on different file systems; nothing was renamed then
   */
  boolean place(Path from, Path to) throws IOException, RemoteException {
    for (int tries = 1; ; tries++) {
      make(parentOf(to));
      if (Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
        moveFolderAside(to);
      }
      try {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        return true;
      } catch (AtomicMoveNotSupportedException e) {
        return false;
      } catch (NoSuchFileException e) {
        if (tries == TRIES || !Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
          throw e;
        }
      }
    }
  }

  /** Removes the folder and those above it, as far as they are empty and not the root or ours. */
  void prune(Path folder) throws RemoteException {
    Path own = root.pathOf(TempNames.FOLDER);
    Path at = folder;
    while (!at.equals(root.path()) && !own.startsWith(at)) {
      try {
        Files.delete(at);
      } catch (NoSuchFileException e) {
        // Someone else removed it; those above may be empty now.
      } catch (DirectoryNotEmptyException e) {
        return;
      } catch (IOException e) {
        // An empty folder that cannot be removed, such as a mount point, holds no object.
        return;
      }
      at = parentOf(at);
    }
  }

  /** Makes the names in the folder survive a power cut; a folder that is gone needs none. */
  void flush(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      // Removed since, because it was empty.
    }
  }

  Path parentOf(Path path) {
    Path parent = path.getParent();
    return parent == null ? root.path() : parent;
  }

  private Path makeOne(Path parent, Path folder) throws IOException, RemoteException {
    Optional<BasicFileAttributes> there = DirRoot.attributesOf(folder);
    if (there.isPresent() && there.get().isDirectory()) {
      return folder;
    }
    if (there.isPresent() && there.get().isSymbolicLink()) {
      throw errors.of(
          Cause.UNSUPPORTED,
          DirErrors.shown(keyOf(folder))
              + " is a symbolic link, which Caravan does not follow; put a folder there");
    }
    if (there.isPresent()) {
      moveAside(folder);
    }
    Files.createDirectory(folder);
    flush(parent);
    return folder;
  }

  private void moveFolderAside(Path folder) throws IOException, RemoteException {
    try {
      Files.delete(folder);
    } catch (NoSuchFileException e) {
      // It was empty, and someone else removed it.
    } catch (DirectoryNotEmptyException e) {
      moveAside(folder);
    }
  }

  private synchronized void moveAside(Path path) throws IOException, RemoteException {
    String key = keyOf(path);
    String trash = ObjectKey.OWN + "trash/";
    String date = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toString();
    String wanted = key.startsWith(ObjectKey.OWN) ? key : trash + date + "/" + key;
    Path aside = root.pathOf(wanted);
    for (int n = 1; Files.exists(aside, LinkOption.NOFOLLOW_LINKS); n++) {
      aside = root.pathOf(wanted + "~" + n);
    }
    make(parentOf(aside));
    Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
    flush(parentOf(aside));
  }

  private String keyOf(Path path) {
    return PathNames.textOf(root.path().relativize(path));
  }
}
