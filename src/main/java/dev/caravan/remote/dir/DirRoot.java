package dev.caravan.remote.dir;

import dev.caravan.event.PathNames;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds the objects: knows whether it is still the one that was there at first, and
 * where below it a key lies. Links below it are never followed, so nothing leads out of it.
 */
final class DirRoot {

  private final Path root;
  private final boolean create;
  private final DirErrors errors;
  private @Nullable Seen seen;

  /**
   * What the root was when it was first used. The device number alone would not do: a share that is
   * mounted again gets another one.
   */
  private record Seen(long device, long inode, String volume) {}

  DirRoot(Path root, boolean create, DirErrors errors) {
    this.root = root;
    this.create = create;
    this.errors = errors;
  }

  Path path() {
    return root;
  }

  /**
   * Looks whether the root is there and is the folder it was at first. An unmounted disk leaves an
   * empty folder behind, which must not be taken for an empty remote.
   */
  void ensureThere() throws RemoteException {
    ensureThere(false);
  }

  /**
   * Looks more closely, at a higher price.
   *
   * @param closely compares the volume too, for the next share mounted may get the device number of
   *     the last
   */
  void ensureThere(boolean closely) throws RemoteException {
    try {
      compare(look(), closely);
    } catch (NoSuchFileException e) {
      throw errors.of(
          Cause.NOT_THERE, "folder is not there; mount it, or mend storage.remotes[].path");
    } catch (IOException e) {
      throw errors.of("look at the folder", e);
    }
  }

  /** An error of the file system in our words; that the root is gone explains any other. */
  RemoteException failure(String doing, IOException e) {
    try {
      ensureThere();
      return errors.of(doing, e);
    } catch (RemoteException gone) {
      gone.addSuppressed(e);
      return gone;
    }
  }

  /** Where the object lies. */
  Path pathOf(ObjectKey key) throws RemoteException {
    return pathOf(key.value());
  }

  Path pathOf(String key) throws RemoteException {
    try {
      return PathNames.resolve(root, key);
    } catch (InvalidPathException e) {
      throw errors.of(
          Cause.UNSUPPORTED,
          "no file can be called " + DirErrors.shown(key) + ": it " + e.getReason());
    }
  }

  /** The object under a path; empty when there is none, or only a folder, a link or the like. */
  Optional<BasicFileAttributes> find(Path path) throws IOException {
    return find(path, false);
  }

  /** The real folder under a path; empty when there is none. */
  boolean isFolder(Path path) throws IOException {
    return path.equals(root) || find(path, true).isPresent();
  }

  private Optional<BasicFileAttributes> find(Path path, boolean folder) throws IOException {
    Path at = root;
    int left = path.getNameCount() - root.getNameCount();
    for (Path segment : root.relativize(path)) {
      at = at.resolve(segment);
      Optional<BasicFileAttributes> attributes = attributesOf(at);
      if (attributes.isEmpty()) {
        return Optional.empty();
      }
      left--;
      boolean wanted =
          (left > 0 || folder) ? attributes.get().isDirectory() : attributes.get().isRegularFile();
      if (!wanted || left == 0) {
        return wanted ? attributes : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** What lies under a path, not following a link. */
  static Optional<BasicFileAttributes> attributesOf(Path path) throws IOException {
    try {
      return Optional.of(
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private synchronized Map<String, Object> look() throws IOException {
    if (create && seen == null) {
      Files.createDirectories(root);
    }
    return Files.readAttributes(root, "unix:dev,ino,isDirectory");
  }

  private synchronized void compare(Map<String, Object> now, boolean closely)
      throws IOException, RemoteException {
    if (!Boolean.TRUE.equals(now.get("isDirectory"))) {
      throw errors.of(Cause.NOT_THERE, "that is not a folder; mend storage.remotes[].path");
    }
    long device = number(now.get("dev"));
    long inode = number(now.get("ino"));
    Seen before = seen;
    if (!closely && before != null && before.device == device && before.inode == inode) {
      return;
    }
    FileStore store = Files.getFileStore(root);
    Seen found = new Seen(device, inode, store.type() + " " + store.name());
    if (before != null && !(before.inode == inode && before.volume.equals(found.volume))) {
      throw errors.of(
          Cause.NOT_THERE,
          "another folder lies there than when Caravan started (unmounted?); mount the right one,"
              + " or restart Caravan if this is meant");
    }
    seen = found;
  }

  private static long number(@Nullable Object attribute) {
    return attribute instanceof Number number ? number.longValue() : 0;
  }
}
