package dev.caravan.remote.dir;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TempNames;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings bytes to their final place: a temporary file, proven and flushed, then renamed, so that a
 * reader sees the old object or the new one and never a mix.
 */
final class DirUploads {

  private final DirRoot root;
  private final DirErrors errors;
  private final DirFolders folders;
  private final DirTemps temps;
  private final DirWriter writer;
  private final ReadBack readBack = new ReadBack();

  DirUploads(
      DirRoot root,
      DirErrors errors,
      DirFolders folders,
      DirTemps temps,
      Optional<FileCarrier> carrier) {
    this.root = root;
    this.errors = errors;
    this.folders = folders;
    this.temps = temps;
    this.writer = new DirWriter(root, errors, readBack, carrier);
  }

  /**
   * Stores the content at the path, whole or not at all.
   *
   * @throws IOException when the content cannot be read or changed
   */
  void put(ObjectKey key, ObjectContent content, Path target) throws RemoteException, IOException {
    if (putBy(root.pathOf(TempNames.FOLDER), key, content, target)) {
      return;
    }
    // Another disk is mounted on a folder below the root: write the temporary file on that one.
    if (!putBy(folders.parentOf(target), key, content, target)) {
      throw errors.of(
          Cause.UNSUPPORTED, "cannot rename a new file to " + DirErrors.shown(key) + " in place");
    }
  }

  /**
   * Gives an object a second name, proven by reading it: no byte is written, and both names may be
   * moved, replaced and removed without the other.
   *
   * @return false where the file system has no second names; nothing was changed then
   */
  boolean link(Path source, ObjectStat proven, ObjectKey to, Path target)
      throws RemoteException, IOException {
    Path temp = temps.begin(root.pathOf(TempNames.FOLDER), to);
    try {
      makeFolder(folders.parentOf(temp), to);
      Files.createLink(temp, source);
      FileContent content = FileContent.of(temp);
      if (content.sizeBytes() != proven.sizeBytes()
          || !proven.sha256().equals(Optional.of(content.sha256()))) {
        throw errors.of(
            Cause.CORRUPT, DirErrors.shown(proven.key()) + " is not what was stored there");
      }
      return place(temp, to, target);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    } finally {
      temps.end(temp);
    }
  }

  /**
   * Moves an object to another place; a copy, proven, and then a deletion where the two lie on
   * different file systems.
   */
  void move(Path source, ObjectKey to, Path target) throws RemoteException, IOException {
    if (!folders.place(source, target)) {
      put(to, FileContent.of(source), target);
      Files.deleteIfExists(source);
    }
  }

  /**
   * Writes a few bytes, flushes them, reads them back and removes them.
   *
   * @return how well it can be read back, for the status
   */
  String tryWriting() throws RemoteException, IOException {
    Path folder = root.pathOf(TempNames.FOLDER);
    folders.make(folder);
    Path temp = temps.begin(folder, ObjectKey.own("probe"));
    try {
      writer.write(ObjectKey.own("probe"), new TextContent("probe"), temp);
      return readBack.isDirect(temp) ? "read back from the disk" : "read back through the cache";
    } finally {
      temps.end(temp);
    }
  }

  private boolean putBy(Path folder, ObjectKey key, ObjectContent content, Path target)
      throws RemoteException, IOException {
    Path temp = temps.begin(folder, key);
    try {
      makeFolder(folder, key);
      writer.write(key, content, temp);
      content.ensureUnchanged();
      return place(temp, key, target);
    } finally {
      temps.end(temp);
    }
  }

  private void makeFolder(Path folder, ObjectKey key) throws RemoteException {
    try {
      folders.make(folder);
    } catch (IOException e) {
      throw root.failure("store " + DirErrors.shown(key), e);
    }
  }

  private boolean place(Path temp, ObjectKey key, Path target) throws RemoteException {
    try {
      if (!folders.place(temp, target)) {
        return false;
      }
      folders.flush(folders.parentOf(target));
      return true;
    } catch (IOException e) {
      throw root.failure("store " + DirErrors.shown(key), e);
    }
  }
}
