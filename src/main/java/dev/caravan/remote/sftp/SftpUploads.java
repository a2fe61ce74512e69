package dev.caravan.remote.sftp;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.TempNames;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.util.Optional;

/**
 * Brings bytes to their final place: a temporary file, proven and flushed, then renamed, so that a
 * reader sees the old object or the new one and never a mix.
 */
final class SftpUploads {

  private final SftpRoot root;
  private final SftpErrors errors;
  private final SftpFolders folders;
  private final SftpTemps temps;
  private final SftpSums sums;
  private final SftpWriter writer;

  SftpUploads(
      SftpRoot root,
      SftpErrors errors,
      SftpFolders folders,
      SftpTemps temps,
      SftpSums sums,
      SftpWriter writer) {
    this.root = root;
    this.errors = errors;
    this.folders = folders;
    this.temps = temps;
    this.sums = sums;
    this.writer = writer;
  }

  /**
   * Stores the content at the path, whole or not at all.
   *
   * @throws IOException when the content cannot be read or changed
   */
  Proof put(SftpLine line, ObjectKey key, ObjectContent content, SftpPath target)
      throws RemoteException, IOException {
    String name = temps.begin(key, content);
    SftpPath temp = folder(line).child(name);
    boolean left = false;
    try {
      makeFolder(line);
      Proof proof = writer.write(line, key, content, temp);
      content.ensureUnchanged();
      folders.place(line, temp, target);
      left = true;
      if (TempNames.isPart(name)) {
        sweepParts(line, key);
      }
      return proof;
    } catch (SftpFailure e) {
      // Asked before the temporary file goes: with it, the disk is full, and without it, it is not.
      RemoteException failure = root.failure("store " + SftpErrors.shown(key), e);
      left = isLeft(name, failure);
      throw failure;
    } catch (RemoteException e) {
      RemoteException failure = explained(line, e);
      left = failure.reason() != Cause.CORRUPT && isLeft(name, failure);
      throw failure;
    } catch (ContentChangedException e) {
      throw e;
    } catch (IOException e) {
      left = TempNames.isPart(name);
      throw e;
    } finally {
      if (!left) {
        temps.remove(temp);
      }
      temps.end(name);
    }
  }

  /** That the folder is gone explains what whoever carries files there may not know. */
  private RemoteException explained(SftpLine line, RemoteException e) {
    try {
      if (e.reason() == Cause.OTHER || e.reason() == Cause.PERMISSION) {
        root.ensureThere(line);
      }
      return e;
    } catch (RemoteException gone) {
      gone.addSuppressed(e);
      return gone;
    } catch (SftpFailure unknown) {
      return e;
    }
  }

  /** Parts of versions that were replaced before they were whole: nobody goes on with them now. */
  private void sweepParts(SftpLine line, ObjectKey key) throws RemoteException {
    try {
      temps.sweep(line, folder(line), key);
    } catch (SftpFailure e) {
      // The object is in its place; a probe removes them later.
    }
  }

  /** What the next put goes on with, and what cannot be reached: the next probe removes that. */
  private static boolean isLeft(String name, RemoteException failure) {
    boolean passing = failure.reason().isTransient() || failure.reason() == Cause.CANCELLED;
    return failure.reason() == Cause.NETWORK || (TempNames.isPart(name) && passing);
  }

  /** Gives an object that lies there time, permissions and owner of a content of the same bytes. */
  void describe(SftpLine line, SftpPath target, ObjectContent content) throws SftpFailure {
    writer.describe(line, target, content);
  }

  /**
   * Gives an object a second name, proven by its sum: no byte is written, and both names may be
   * moved, replaced and removed without the other.
   *
   * @return false where the server knows no second names; nothing was changed then
   */
  boolean link(SftpLine line, SftpPath source, ObjectStat proven, SftpPath target)
      throws RemoteException, SftpFailure {
    makeFolder(line);
    String name = temps.begin(proven.key());
    SftpPath temp = folder(line).child(name);
    try {
      if (!line.link(source, temp)) {
        return false;
      }
      ensureProven(line, temp, proven);
      folders.place(line, temp, target);
      return true;
    } finally {
      // Two names of one file: a rename of one onto the other leaves both.
      temps.remove(temp);
      temps.end(name);
    }
  }

  private void ensureProven(SftpLine line, SftpPath temp, ObjectStat proven)
      throws RemoteException, SftpFailure {
    Optional<SftpStat> there = line.find(temp).filter(SftpStat::isFile);
    boolean same =
        there.isPresent()
            && there.get().sizeBytes() == proven.sizeBytes()
            && Optional.of(sums.sha256(line, temp, proven.sizeBytes())).equals(proven.sha256());
    if (!same) {
      throw errors.of(
          Cause.CORRUPT, SftpErrors.shown(proven.key()) + " is not what was stored there");
    }
  }

  /**
   * Writes a small file and removes it.
   *
   * @return how checksums are computed from now on, for the status
   */
  String tryWriting(SftpLine line) throws RemoteException, IOException {
    makeFolder(line);
    SftpPath folder = folder(line);
    temps.sweepOthers(line, folder);
    String name = temps.begin(ObjectKey.own("probe"));
    SftpPath temp = folder.child(name);
    TextContent content = new TextContent("probe");
    try {
      writer.send(line, ObjectKey.own("probe"), content, temp);
      return sums.learn(line, temp, content);
    } finally {
      temps.remove(temp);
      temps.end(name);
    }
  }

  SftpPath folder(SftpLine line) throws RemoteException, SftpFailure {
    return root.path(line).resolve(TempNames.FOLDER);
  }

  /** Nothing is made below a root that is not there, or is another one than it was. */
  private void makeFolder(SftpLine line) throws RemoteException, SftpFailure {
    SftpPath folder = folder(line);
    if (!folders.isKnown(folder)) {
      root.ensureThere(line);
      folders.make(line, folder);
    }
  }
}
