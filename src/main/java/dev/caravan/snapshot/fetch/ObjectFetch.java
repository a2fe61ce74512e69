package dev.caravan.snapshot.fetch;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Reads one object from its first to its last byte.
 *
 * <p>A stream that breaks off is opened again where it stopped, as long as each try brings
 * something or a few of them in a row brought nothing; what came is hashed as it came.
 */
public final class ObjectFetch {

  private static final int BUFFER = 128 * 1024;
  private static final int EMPTY_TRIES = 5;

  private final Remote remote;
  private final ObjectKey key;
  private final long sizeBytes;
  private final MessageDigest digest = sha256();
  private long position;

  /**
   * @param sizeBytes what it must have
   */
  public ObjectFetch(Remote remote, ObjectKey key, long sizeBytes) {
    this.remote = remote;
    this.key = key;
    this.sizeBytes = sizeBytes;
  }

  /** Takes what came; its failures are the disk's, not the remote's. */
  @FunctionalInterface
  public interface Sink {
    void accept(ByteBuffer bytes) throws IOException;
  }

  /**
   * Reads all of it.
   *
   * @return its SHA-256 in hex
   * @throws RemoteException with {@code NO_SUCH_OBJECT} when it is not there, {@code CORRUPT} when
   *     it has another length
   */
  public String read(Sink sink) throws RemoteException, IOException {
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, sizeBytes + 1))];
    int empty = 0;
    while (true) {
      long before = position;
      try (InputStream in = remote.open(key, position, -1)) {
        drain(in, buffer, sink);
        return end();
      } catch (BrokenOff e) {
        if (position == sizeBytes) {
          return end();
        }
        empty = position > before ? 0 : empty + 1;
        if (empty == EMPTY_TRIES) {
          throw e.failure;
        }
      }
    }
  }

  private String end() throws RemoteException {
    if (position < sizeBytes) {
      throw other("shorter");
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void drain(InputStream in, byte[] buffer, Sink sink)
      throws RemoteException, IOException, BrokenOff {
    for (int n = next(in, buffer); n >= 0; n = next(in, buffer)) {
      position += n;
      if (position > sizeBytes) {
        throw other("longer");
      }
      digest.update(buffer, 0, n);
      sink.accept(ByteBuffer.wrap(buffer, 0, n));
    }
  }

  private int next(InputStream in, byte[] buffer) throws BrokenOff {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw brokenOff(e);
    }
  }

  private BrokenOff brokenOff(IOException e) {
    return new BrokenOff(
        new RemoteException(
            Cause.NETWORK,
            "Remote '%s' broke off while it sent %s (%s)"
                .formatted(remote.name(), key, e.getMessage()),
            e));
  }

  private RemoteException other(String than) {
    return new RemoteException(
        Cause.CORRUPT,
        "What remote '%s' has under %s is %s than the %d bytes that were stored"
            .formatted(remote.name(), key, than, sizeBytes));
  }

  /** The stream ended in the middle, which may pass. */
  private static final class BrokenOff extends Exception {
    private static final long serialVersionUID = 1L;
    private final RemoteException failure;

    BrokenOff(RemoteException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java", e);
    }
  }
}
