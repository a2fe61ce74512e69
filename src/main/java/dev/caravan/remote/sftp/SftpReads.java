package dev.caravan.remote.sftp;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TempNames;
import java.io.InputStream;
import java.util.Optional;

/** Looks at objects, reads them and lists them. */
final class SftpReads {

  /** So often in a row nobody replaces an object while it is being read. */
  private static final int TRIES = 10;

  private final SftpPool pool;
  private final SftpRoot root;
  private final SftpErrors errors;
  private final SftpFolders folders;
  private final SftpSums sums;

  SftpReads(SftpPool pool, SftpRoot root, SftpErrors errors, SftpFolders folders, SftpSums sums) {
    this.pool = pool;
    this.root = root;
    this.errors = errors;
    this.folders = folders;
    this.sums = sums;
  }

  /** The object under a key; empty when there is none, or only a folder, a link or the like. */
  Optional<SftpStat> stat(SftpLine line, ObjectKey key) throws RemoteException, SftpFailure {
    SftpPath path = root.pathOf(line, key);
    Optional<SftpStat> found = line.find(path).filter(SftpStat::isFile);
    if (found.isPresent() && folders.isReal(line, path.parent())) {
      return found;
    }
    root.ensureThere(line);
    return Optional.empty();
  }

  /** Reads the whole object, for nothing but its bytes can say what they are. */
  Optional<ObjectStat> find(SftpLine line, ObjectKey key) throws RemoteException, SftpFailure {
    for (int tries = 1; tries <= TRIES; tries++) {
      Optional<SftpStat> before = stat(line, key);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      Optional<String> sha256 = sum(line, key, before.get());
      // A sum belongs to the object that was looked at when that is still there.
      if (sha256.isPresent() && stat(line, key).equals(before)) {
        return Optional.of(before.get().ofObject(key, sha256));
      }
    }
    throw errors.of(
        Cause.CORRUPT, SftpErrors.shown(key) + " is replaced all the time; it cannot be read");
  }

  private Optional<String> sum(SftpLine line, ObjectKey key, SftpStat stat)
      throws RemoteException, SftpFailure {
    try {
      return Optional.of(sums.sha256(line, root.pathOf(line, key), stat.sizeBytes()));
    } catch (SftpFailure e) {
      if (e.isAbsent()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Opens the bytes; the stream keeps its line until it is closed. */
  InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    String doing = "read " + SftpErrors.shown(key);
    SftpLine line = pool.take();
    boolean opened = false;
    try {
      Optional<SftpStat> stat = stat(line, key);
      if (stat.isEmpty()) {
        throw absent(key);
      }
      SftpPath path = root.pathOf(line, key);
      SftpReading in = line.read(path, offset, length);
      opened = true;
      return new SftpStream(in, line, pool, errors, doing);
    } catch (SftpFailure e) {
      if (e.isAbsent()) {
        throw absent(key);
      }
      throw root.failure(doing, e);
    } finally {
      if (!opened) {
        pool.give(line);
      }
    }
  }

  RemoteException absent(ObjectKey key) {
    return errors.of(Cause.NO_SUCH_OBJECT, "there is no object " + SftpErrors.shown(key));
  }

  void list(SftpLine line, String prefix, Remote.Visitor each) throws RemoteException, SftpFailure {
    root.ensureThere(line);
    String folderKey = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    SftpPath top = root.path(line);
    SftpPath folder =
        folderKey.isEmpty()
            ? top
            : root.pathOf(line, new ObjectKey(folderKey.substring(0, folderKey.length() - 1)));
    boolean ours = folder.isWithin(top.resolve(TempNames.FOLDER));
    if (!ours && (folder.equals(top) || isFolder(line, folder))) {
      new SftpListing(line, prefix, each).walk(folder, folderKey);
    }
    // What vanished while we walked may have been unmounted: then the listing was short.
    root.ensureThere(line);
  }

  private boolean isFolder(SftpLine line, SftpPath folder) throws RemoteException, SftpFailure {
    return line.find(folder).filter(SftpStat::isFolder).isPresent() && folders.isReal(line, folder);
  }
}
