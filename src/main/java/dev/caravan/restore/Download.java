package dev.caravan.restore;

import dev.caravan.catalog.FileRow;
import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
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
  private static final int PLAIN = 0777;

  private final Remote remote;
  private final Wanted row;
  private final BooleanSupplier cancelled;

  Download(Remote remote, Wanted wanted, BooleanSupplier cancelled) {
    this.remote = remote;
    this.row = wanted;
    this.cancelled = cancelled;
  }

  /**
   * What is to be brought.
   *
   * @param version of an object of which the remote keeps several; empty for what lies there
   * @param mode permissions; 0 for the usual ones
   * @param owner of the file; the usual one when empty
   * @param sha256 of the right bytes; asked of the remote when empty
   */
  record Wanted(
      StorePath path,
      ObjectKey key,
      Optional<String> version,
      long sizeBytes,
      long modifiedNs,
      int mode,
      Optional<Owner> owner,
      Optional<String> sha256) {

    /**
     * A file as the catalog knows it.
     *
     * @param known the checksum of what was proven to lie there, for a file of which the catalog
     *     knows none
     */
    static Wanted of(FileRow row, Optional<String> known) {
      return new Wanted(
          row.path(),
          ObjectKey.of(row.path()),
          Optional.empty(),
          row.sizeBytes(),
          row.modifiedNs(),
          row.mode(),
          row.owner(),
          row.sha256().or(() -> known));
    }
  }

  /**
   * Brings it.
   *
   * @param target in a folder that exists; nothing may be there
   * @return what came
   * @throws java.nio.file.FileAlreadyExistsException when somebody made a file there meanwhile
   */
  Arrived to(Path target) throws RemoteException, RestoreException, IOException {
    try (AtomicFile file = AtomicFile.begin(target)) {
      String sha256 = fill(file);
      file.commitNew();
      return new Arrived(sha256, file.lacking());
    }
  }

  /**
   * Brings it into a file that is not visible yet.
   *
   * @return its checksum, which is the right one
   */
  String fill(AtomicFile file) throws RemoteException, RestoreException, IOException {
    String expected = row.sha256().orElse("");
    if (expected.isEmpty()) {
      expected = recorded();
    }
    try (InputStream in = open()) {
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
        asRecorded(file);
      }
      return sha256;
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
  private void asRecorded(AtomicFile file) {
    if (row.version().isPresent()) {
      // What lies beside the newest version says nothing of an older one.
      return;
    }
    try {
      Remote.Traits traits = remote.traits(row.key());
      // Who may write to the remote must not lend anybody the rights of an owner here.
      traits.permissions().ifPresent(bits -> file.mode(bits & PLAIN));
      traits.owner().ifPresent(file::owner);
    } catch (RemoteException e) {
      // The bytes are there and right: that is what was asked for.
    }
  }

  private InputStream open() throws RemoteException {
    return row.version().isPresent()
        ? remote.past().orElseThrow().open(row.key(), row.version().get())
        : remote.open(row.key(), 0, -1);
  }

  /** Without a proof of ours, the one that was recorded beside the object is what there is. */
  private String recorded() throws RemoteException {
    return find(remote, row.key(), row.version())
        .flatMap(ObjectStat::sha256)
        .orElseThrow(
            () ->
                new RemoteException(
                    RemoteException.Cause.NO_SUCH_OBJECT,
                    "Remote '%s' holds no copy of %s that could be compared"
                        .formatted(remote.name(), row.path())));
  }

  /** What a remote says of an object, or of one version of it. */
  static Optional<ObjectStat> find(Remote remote, ObjectKey key, Optional<String> version)
      throws RemoteException {
    return version.isPresent()
        ? remote.past().orElseThrow().find(key, version.get())
        : remote.find(key);
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
