package dev.caravan.check;

import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Asks a remote what it holds, as closely as the mode says. */
final class Witness {

  private static final int BUFFER = 256 << 10;

  private final Remote remote;
  private final CheckMode mode;
  private final BooleanSupplier cancelled;

  Witness(Remote remote, CheckMode mode, BooleanSupplier cancelled) {
    this.remote = remote;
    this.mode = mode;
    this.cancelled = cancelled;
  }

  /**
   * What was found.
   *
   * @param difference empty when it is what was proven
   * @param readBytes how many bytes were read to know that; -1 when the remote's word was taken
   */
  record Finding(Optional<CheckReason> difference, long readBytes) {

    private static Finding told(Optional<CheckReason> difference) {
      return new Finding(difference, -1);
    }

    boolean isRead() {
      return readBytes >= 0;
    }
  }

  /** The run was cancelled while an object was read. */
  static final class CancelledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CancelledException() {
      super("Cancelled");
    }
  }

  /**
   * Looks at one object.
   *
   * @throws RemoteException when it could not be found out
   */
  Finding look(Proof proof) throws RemoteException {
    ObjectKey key = ObjectKey.of(proof.path());
    return switch (mode) {
      case SIZE -> Finding.told(size(key, proof));
      case HASH -> hash(key, proof);
      case FULL -> read(key, proof);
    };
  }

  private Optional<CheckReason> size(ObjectKey key, Proof proof) throws RemoteException {
    Optional<ObjectStat> found = remote.find(key);
    return found.isEmpty()
        ? Optional.of(CheckReason.MISSING)
        : CheckPlanner.compareSize(found.get().sizeBytes(), proof);
  }

  private Finding hash(ObjectKey key, Proof proof) throws RemoteException {
    Optional<ObjectStat> found = remote.find(key);
    if (found.isEmpty()) {
      return Finding.told(Optional.of(CheckReason.MISSING));
    }
    ObjectStat stat = found.get();
    Optional<CheckReason> size = CheckPlanner.compareSize(stat.sizeBytes(), proof);
    if (size.isPresent()) {
      return Finding.told(size);
    }
    return CheckPlanner.isTelling(stat, proof)
        ? Finding.told(CheckPlanner.compare(stat.sizeBytes(), stat.sha256().orElseThrow(), proof))
        : read(key, proof);
  }

  private Finding read(ObjectKey key, Proof proof) throws RemoteException {
    MessageDigest digest = Sha256.begin();
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, proof.sizeBytes()))];
    long total = 0;
    try (InputStream in = remote.open(key, 0, -1)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (cancelled.getAsBoolean()) {
          throw new CancelledException();
        }
        total += n;
        if (total > proof.sizeBytes()) {
          return new Finding(Optional.of(CheckReason.DIFFERENT), total);
        }
        digest.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.NETWORK,
          "Remote '%s' broke off while it sent %s (%s)"
              .formatted(remote.name(), proof.path(), e.getMessage()),
          e);
    } catch (RemoteException e) {
      return new Finding(Optional.of(meaning(e)), total);
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    return new Finding(CheckPlanner.compare(total, sha256, proof), total);
  }

  /** A remote that says that an object is absent, or not what was put there, has answered. */
  private static CheckReason meaning(RemoteException e) throws RemoteException {
    if (e.reason() == RemoteException.Cause.NO_SUCH_OBJECT) {
      return CheckReason.MISSING;
    }
    if (e.reason() == RemoteException.Cause.CORRUPT) {
      return CheckReason.DIFFERENT;
    }
    throw e;
  }
}
