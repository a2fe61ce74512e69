package dev.caravan.remote.sftp;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The folder at the server that holds the objects: where a key lies below it, and whether it is
 * still the one that was there at first. A disk that is not mounted there leaves an empty folder
 * behind, which must not be taken for an empty remote.
 */
final class SftpRoot {

  private final String configured;
  private final SftpPool pool;
  private final SftpErrors errors;
  private @Nullable SftpPath path;
  private @Nullable SftpSpace seen;

  /**
   * @param configured as in the configuration; not absolute where it begins in the user's home
   */
  SftpRoot(String configured, SftpPool pool, SftpErrors errors) {
    this.configured = configured;
    this.pool = pool;
    this.errors = errors;
  }

  /** The folder without links above it; the server is asked once. */
  synchronized SftpPath path(SftpLine line) throws RemoteException, SftpFailure {
    SftpPath known = path;
    if (known == null) {
      known = resolve(line);
      path = known;
    }
    return known;
  }

  /** Where the object lies. */
  SftpPath pathOf(SftpLine line, ObjectKey key) throws RemoteException, SftpFailure {
    try {
      StorePath.of(key.value());
      return path(line).resolve(key.value());
    } catch (InvalidPathException e) {
      throw impossible(key, e.getReason());
    } catch (IllegalArgumentException e) {
      throw impossible(key, "leads out of its folder or has an empty name in it");
    }
  }

  private RemoteException impossible(ObjectKey key, String why) {
    return errors.of(
        Cause.UNSUPPORTED, "no file can be called " + SftpErrors.shown(key) + ": it " + why);
  }

  /** Looks whether the folder is there, on the volume that it was on at first. */
  void ensureThere(SftpLine line) throws RemoteException, SftpFailure {
    SftpPath folder = path(line);
    Optional<SftpStat> stat = line.findTarget(folder);
    if (stat.isEmpty()) {
      throw absent();
    }
    if (!stat.get().isFolder()) {
      throw errors.of(
          Cause.NOT_THERE,
          SftpErrors.shown(folder) + " is not a folder; mend storage.remotes[].path");
    }
    Optional<SftpSpace> space = line.space(folder);
    if (space.isPresent()) {
      compare(space.get());
    }
  }

  /**
   * A failure in our words, looked into: that the folder is gone or the disk is full explains what
   * the server does not.
   */
  RemoteException failure(String doing, SftpFailure e) {
    if (e.isBroken()) {
      return errors.of(doing, e, Optional.empty());
    }
    try {
      return pool.use(
          line -> {
            ensureThere(line);
            return errors.of(doing, e, line.space(path(line)));
          });
    } catch (RemoteException gone) {
      gone.addSuppressed(e);
      return gone;
    } catch (IOException unknown) {
      return errors.of(doing, e, Optional.empty());
    }
  }

  /** Does something with a line of its own; its failures are told in our words. */
  <T> T ask(String doing, SftpPool.Work<T> work) throws RemoteException {
    try {
      return pool.use(work);
    } catch (IOException e) {
      throw failure(doing, SftpFailure.of(e));
    }
  }

  private SftpPath resolve(SftpLine line) throws RemoteException, SftpFailure {
    String text = configured.replaceFirst("^~(/+|$)", "");
    try {
      return line.canonical(text.isEmpty() ? new SftpPath(".") : SftpPath.ofText(text));
    } catch (InvalidPathException e) {
      throw errors.of(Cause.NOT_THERE, "no folder can be called so: it " + e.getReason());
    } catch (SftpFailure e) {
      if (e.isAbsent()) {
        throw absent();
      }
      throw e;
    }
  }

  private RemoteException absent() {
    return errors.of(
        Cause.NOT_THERE,
        "folder is not there; mount it, or make it with mkdir, or mend storage.remotes[].path");
  }

  private synchronized void compare(SftpSpace now) throws RemoteException {
    if (seen != null && now.isOtherThan(seen)) {
      throw errors.of(
          Cause.NOT_THERE,
          "another disk is there than when Caravan started (unmounted?); mount the right one,"
              + " or restart Caravan if this is meant");
    }
    seen = now;
  }
}
