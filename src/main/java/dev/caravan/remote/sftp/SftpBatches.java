package dev.caravan.remote.sftp;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Moves and deletes many objects, and removes the folders that are empty after that. */
final class SftpBatches {

  private final SftpRoot root;
  private final SftpFolders folders;
  private final SftpReads reads;

  SftpBatches(SftpRoot root, SftpFolders folders, SftpReads reads) {
    this.root = root;
    this.folders = folders;
    this.reads = reads;
  }

  /** See {@link dev.caravan.remote.Remote#move}. */
  Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves) throws RemoteException {
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    Set<SftpPath> emptied = new LinkedHashSet<>();
    for (Map.Entry<ObjectKey, ObjectKey> entry : moves.entrySet()) {
      ObjectKey from = entry.getKey();
      ObjectKey to = entry.getValue();
      String doing = "move " + SftpErrors.shown(from) + " to " + SftpErrors.shown(to);
      attempt(
          from,
          failed,
          doing,
          line -> {
            if (!from.equals(to) && reads.stat(line, from).isPresent()) {
              SftpPath source = root.pathOf(line, from);
              folders.place(line, source, root.pathOf(line, to));
              emptied.add(source.parent());
            }
          });
    }
    prune(emptied);
    return failed;
  }

  /** See {@link dev.caravan.remote.Remote#delete}. */
  Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    Set<SftpPath> emptied = new LinkedHashSet<>();
    for (ObjectKey key : keys) {
      attempt(
          key,
          failed,
          "delete " + SftpErrors.shown(key),
          line -> {
            if (reads.stat(line, key).isPresent()) {
              SftpPath path = root.pathOf(line, key);
              removeIfThere(line, path);
              emptied.add(path.parent());
            }
          });
    }
    prune(emptied);
    return failed;
  }

  private static void removeIfThere(SftpLine line, SftpPath path) throws SftpFailure {
    try {
      line.remove(path);
    } catch (SftpFailure e) {
      if (!e.isAbsent()) {
        throw e;
      }
    }
  }

  private interface Step {
    void with(SftpLine line) throws RemoteException, SftpFailure;
  }

  /** One of a batch: its failure is its own, unless it is that of the whole remote. */
  private void attempt(
      ObjectKey key, Map<ObjectKey, RemoteException> failed, String doing, Step step)
      throws RemoteException {
    try {
      root.ask(
          doing,
          line -> {
            step.with(line);
            return key;
          });
    } catch (RemoteException e) {
      if (isOfAll(e.reason())) {
        throw e;
      }
      failed.put(key, e);
    }
  }

  /** Where the next of the batch would wait for the same again. */
  private static boolean isOfAll(Cause reason) {
    return switch (reason) {
      case NETWORK, AUTHENTICATION, TLS, NOT_THERE, CANCELLED -> true;
      case PERMISSION, CLOCK, FULL, READ_ONLY, THROTTLED, SERVER, CORRUPT, UNSUPPORTED -> false;
      case NO_SUCH_OBJECT, FOREIGN, OTHER -> false;
    };
  }

  private void prune(Set<SftpPath> emptied) throws RemoteException {
    if (emptied.isEmpty()) {
      return;
    }
    root.ask(
        "remove empty folders",
        line -> {
          for (SftpPath folder : emptied) {
            folders.prune(line, folder);
          }
          return emptied;
        });
  }
}
