package dev.caravan.remote.sftp;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TempNames;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the folders that a key needs, clears what is in its way, and removes folders that became
 * empty.
 *
 * <p>A file system cannot hold {@code a} and {@code a/b} at once. When the owner replaced a file by
 * a folder, or the other way round, the old object is still there when the new one arrives; it is
 * moved aside to {@code .caravan/trash/<date>/<key>} (or {@code …~1}, if that is taken), never
 * overwritten, and the key it had answers as absent from then on.
 */
final class SftpFolders {

  /** Others may remove an emptied folder while we fill it; that many times in a row they do not. */
  private static final int TRIES = 100;

  /** The same between two calls to the server; more than that is no race but a refusal. */
  private static final int RACES = 10;

  private static final int MOST_KNOWN = 20_000;

  private final SftpRoot root;
  private final SftpErrors errors;
  private final Clock clock;

  /** Folders that were seen to be folders, so that each put need not ask for each of its own. */
  private final Set<SftpPath> known =
      Collections.synchronizedSet(Collections.newSetFromMap(new Recent()));

  private static final class Recent extends LinkedHashMap<SftpPath, Boolean> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(1_000, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<SftpPath, Boolean> eldest) {
      return size() > MOST_KNOWN;
    }
  }

  SftpFolders(SftpRoot root, SftpErrors errors, Clock clock) {
    this.root = root;
    this.errors = errors;
    this.clock = clock;
  }

  /** Makes the folder and those above it; does nothing when it is there. */
  void make(SftpLine line, SftpPath folder) throws RemoteException, SftpFailure {
    SftpPath top = root.path(line);
    for (int tries = 1; !folder.equals(top) && !known.contains(folder); tries++) {
      try {
        makeBelow(line, top, folder);
        return;
      } catch (SftpFailure e) {
        // Someone else removed the one above it: look again.
        if (!e.isAbsent() || tries == TRIES) {
          throw e;
        }
        forget(folder);
        root.ensureThere(line);
      }
    }
  }

  /** True when the folder was seen, and nothing has spoken against it since. */
  boolean isKnown(SftpPath folder) {
    return known.contains(folder);
  }

  /** Forgets that the folder and those above it are there. */
  void forget(SftpPath folder) {
    synchronized (known) {
      known.removeIf(folder::isWithin);
    }
  }

  /**
   * True when no link leads there: only what lies in real folders below the root is an object.
   * Servers that resolve no links show none.
   */
  boolean isReal(SftpLine line, SftpPath folder) throws RemoteException, SftpFailure {
    if (folder.equals(root.path(line)) || known.contains(folder)) {
      return true;
    }
    try {
      return line.canonical(folder).equals(folder);
    } catch (SftpFailure e) {
      if (e.isAbsent()) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Renames a file to its final place, replacing an object and moving aside a folder that is there.
   */
  void place(SftpLine line, SftpPath from, SftpPath to) throws RemoteException, SftpFailure {
    for (int tries = 1; ; tries++) {
      make(line, to.parent());
      try {
        replace(line, from, to);
        return;
      } catch (SftpFailure e) {
        if (e.isBroken() || tries == TRIES || !isCleared(line, from, to, e)) {
          throw e;
        }
      }
    }
  }

  /** Removes the folder and those above it, as far as they are empty and not the root or ours. */
  void prune(SftpLine line, SftpPath folder) throws RemoteException, SftpFailure {
    SftpPath top = root.path(line);
    SftpPath own = top.resolve(TempNames.FOLDER);
    for (SftpPath at = folder; !at.equals(top) && !own.isWithin(at); at = at.parent()) {
      try {
        forget(at);
        line.removeFolder(at);
      } catch (SftpFailure e) {
        if (e.isBroken()) {
          throw e;
        }
        if (!e.isAbsent()) {
          return; // Not empty, or a mount point, which holds no object.
        }
      }
    }
  }

  private void makeBelow(SftpLine line, SftpPath top, SftpPath folder)
      throws RemoteException, SftpFailure {
    SftpPath at = top;
    String below = folder.wire().substring(top.child("").wire().length());
    for (String name : below.split("/")) {
      at = at.child(name);
      if (!known.contains(at)) {
        makeOne(line, at);
        known.add(at);
      }
    }
  }

  private void makeOne(SftpLine line, SftpPath folder) throws RemoteException, SftpFailure {
    Optional<SftpStat> there = line.find(folder);
    if (there.isPresent() && there.get().isFolder()) {
      return;
    }
    if (there.isPresent() && there.get().kind() == SftpStat.Kind.LINK) {
      throw errors.of(
          Cause.UNSUPPORTED,
          SftpErrors.shown(folder)
              + " is a symbolic link, which Caravan does not follow; put a folder there");
    }
    if (there.isPresent()) {
      moveAside(line, folder);
    }
    makeAbsent(line, folder);
  }

  private static void makeAbsent(SftpLine line, SftpPath folder) throws SftpFailure {
    for (int tries = 1; ; tries++) {
      try {
        line.makeFolder(folder);
        return;
      } catch (SftpFailure e) {
        if (e.isBroken() || e.isAbsent()) {
          throw e;
        }
        // Someone else may have made it at the same time, and removed it since.
        if (line.find(folder).filter(SftpStat::isFolder).isPresent()) {
          return;
        }
        if (tries == RACES) {
          throw e;
        }
      }
    }
  }

  /** Takes away what a rename failed on; false when that is not what it failed on. */
  private boolean isCleared(SftpLine line, SftpPath from, SftpPath to, SftpFailure e)
      throws RemoteException, SftpFailure {
    if (e.isAbsent()) {
      forget(to.parent());
      return line.find(from).isPresent();
    }
    Optional<SftpStat> there = line.find(to);
    if (there.isEmpty() || !there.get().isFolder()) {
      return false;
    }
    forget(to);
    try {
      line.removeFolder(to);
    } catch (SftpFailure full) {
      if (full.isBroken()) {
        throw full;
      }
      moveAside(line, to);
    }
    return true;
  }

  /**
   * Without the server's atomic rename, the object that is there goes aside first: for a moment
   * there is none, and when the second step fails the first is taken back.
   */
  private void replace(SftpLine line, SftpPath from, SftpPath to)
      throws RemoteException, SftpFailure {
    if (line.renamesAtomically()) {
      line.rename(from, to);
      return;
    }
    Optional<SftpStat> there = line.find(to);
    if (there.isEmpty() || there.get().isFolder()) {
      line.rename(from, to);
      return;
    }
    replaceInTwoSteps(line, from, to);
  }

  private synchronized void replaceInTwoSteps(SftpLine line, SftpPath from, SftpPath to)
      throws SftpFailure {
    SftpPath aside = new SftpPath(from.wire() + ".old");
    boolean moved = line.find(to).isPresent();
    if (moved) {
      line.rename(to, aside);
    }
    try {
      line.rename(from, to);
    } catch (SftpFailure e) {
      if (moved && !e.isBroken()) {
        line.rename(aside, to);
      }
      throw e;
    }
    if (moved) {
      line.remove(aside);
    }
  }

  private synchronized void moveAside(SftpLine line, SftpPath path)
      throws RemoteException, SftpFailure {
    SftpPath top = root.path(line);
    String key = path.keyBelow(top);
    String date = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toString();
    String wanted =
        key.startsWith(ObjectKey.OWN) ? key : ObjectKey.OWN + "trash/" + date + "/" + key;
    SftpPath aside = top.resolve(wanted);
    for (int n = 1; line.find(aside).isPresent(); n++) {
      aside = top.resolve(wanted + "~" + n);
    }
    make(line, aside.parent());
    line.rename(path, aside);
    synchronized (known) {
      known.removeIf(each -> each.isWithin(path));
    }
  }
}
