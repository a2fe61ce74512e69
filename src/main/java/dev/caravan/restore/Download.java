package dev.caravan.restore;

import dev.caravan.catalog.FileRow;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Brings one object into a file that appears only when its bytes are the right ones. */
final class Download {

  private static final int BUFFER = 256 << 10;

  private final Remote remote;
  private final FileRow row;
  private final BooleanSupplier cancelled;

  Download(Remote remote, FileRow row, BooleanSupplier cancelled) {
    this.remote = remote;
    this.row = row;
    this.cancelled = cancelled;
  }

  /**
   * Brings it.
   *
   * @param target in a folder that exists; nothing may be there
   * @param known the checksum of what was proven to lie there, for a file of which the catalog
   *     knows none; asked of the remote when empty
   * @return what came
   * @throws java.nio.file.FileAlreadyExistsException when somebody made a file there meanwhile
   */
  Arrived to(Path target, Optional<String> known)
      throws RemoteException, RestoreException, IOException {
    ObjectKey key = ObjectKey.of(row.path());
    String expected = row.sha256().or(() -> known).orElse("");
    if (expected.isEmpty()) {
      expected = recorded(key);
    }
    try (AtomicFile file = AtomicFile.begin(target);
        InputStream in = remote.open(key, 0, -1)) {
      String sha256 = copy(in, file.channel());
      if (!sha256.equals(expected)) {
        throw new RemoteException(
            RemoteException.Cause.CORRUPT,
            "What remote '%s' has of %s is not what was stored there: it was not used"
                .formatted(remote.name(), row.path()));
      }
      file.modifiedAt(row.modifiedNs());
      if (row.mode() != 0) {
        file.mode(row.mode());
        row.owner().ifPresent(file::owner);
      } else {
        asRecorded(key, file);
      }
      file.commitNew();
      return new Arrived(sha256, file.lacking());
    }
  }

  /**
   * What came.
   *
   * @param sha256 its checksum
   * @param lacking what of time, permissions and owner it could not be given
   */
  record Arrived(String sha256, List<String> lacking) {}

  /** A file of which the catalog knows only its content gets what the remote knows beside it. */
  private void asRecorded(ObjectKey key, AtomicFile file) {
    try {
      Remote.Traits traits = remote.traits(key);
      traits.permissions().ifPresent(file::mode);
      traits.owner().ifPresent(file::owner);
    } catch (RemoteException e) {
      // The bytes are there and right: that is what was asked for.
    }
  }

  /** Without a proof of ours, the one that was recorded beside the object is what there is. */
  private String recorded(ObjectKey key) throws RemoteException {
    return remote
        .find(key)
        .flatMap(ObjectStat::sha256)
        .orElseThrow(
            () ->
                new RemoteException(
                    RemoteException.Cause.NO_SUCH_OBJECT,
                    "Remote '%s' holds no copy of %s that could be compared"
                        .formatted(remote.name(), row.path())));
  }

  private String copy(InputStream in, FileChannel out)
      throws IOException, RestoreException, RemoteException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, row.sizeBytes()))];
    long total = 0;
    for (int read = read(in, buffer); read >= 0; read = read(in, buffer)) {
      if (cancelled.getAsBoolean()) {
        throw new RestoreException(RestoreException.Reason.CANCELLED, "Cancelled");
      }
      total += read;
      if (total > row.sizeBytes()) {
        break;
      }
      digest.update(buffer, 0, read);
      ByteBuffer rest = ByteBuffer.wrap(buffer, 0, read);
      while (rest.hasRemaining()) {
        out.write(rest);
      }
    }
    if (total != row.sizeBytes()) {
      throw new RemoteException(
          RemoteException.Cause.CORRUPT,
          "What remote '%s' has of %s is %s than %d bytes: it was not used"
              .formatted(
                  remote.name(),
                  row.path(),
                  total < row.sizeBytes() ? "shorter" : "longer",
                  row.sizeBytes()));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** What cannot be read is the remote's fault; what cannot be written is the disk's. */
  private int read(InputStream in, byte[] buffer) throws RemoteException {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.NETWORK,
          "Remote '%s' broke off while it sent %s (%s)"
              .formatted(remote.name(), row.path(), e.getMessage()),
          e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
