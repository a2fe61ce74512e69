package dev.caravan.snapshot.fetch;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Reads one object from its first to its last byte.
 *
 * <p>A stream that breaks off is opened again where it stopped, as long as each try brings
 * something or a few of them in a row brought nothing; what came is hashed as it came. What is read
 * is one version of the object and never parts of two: where it is not certain that the rest is of
 * the version that began, it is read from its first byte again.
 */
public final class ObjectFetch {

  private static final int BUFFER = 128 * 1024;
  private static final int EMPTY_TRIES = 5;

  /** Of this size on it costs less to look first than to read from the beginning again. */
  private static final long LOOK_FIRST_BYTES = 8 << 20;

  private final Remote remote;
  private final ObjectKey key;
  private final long sizeBytes;
  private final MessageDigest digest = sha256();
  private long position;
  private long farthest;
  private Optional<ObjectStat> seen = Optional.empty();

  /**
   * @param sizeBytes what it must have
   */
  public ObjectFetch(Remote remote, ObjectKey key, long sizeBytes) {
    this.remote = remote;
    this.key = key;
    this.sizeBytes = sizeBytes;
  }

  /** Takes what came; its failures are the disk's, not the remote's. */
  public interface Sink {

    /** For who wants to know the SHA-256 only. */
    Sink NONE =
        new Sink() {
          @Override
          public void accept(ByteBuffer bytes) {}

          @Override
          public void restart() {}
        };

    void accept(ByteBuffer bytes) throws IOException;

    /** What came so far is void: it comes from the first byte again. */
    void restart() throws IOException;
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
    if (sizeBytes >= LOOK_FIRST_BYTES) {
      look();
    }
    int empty = 0;
    while (true) {
      try (InputStream in = open()) {
        drain(in, buffer, sink);
        return end();
      } catch (BrokenOff e) {
        if (position == sizeBytes) {
          return end();
        }
        empty = position > farthest ? 0 : empty + 1;
        farthest = Math.max(farthest, position);
        if (empty == EMPTY_TRIES) {
          throw e.failure;
        }
        if (seen.isEmpty() && position > 0) {
          restart(sink);
        }
      } catch (Replaced e) {
        if (++empty == EMPTY_TRIES) {
          throw e.failure;
        }
        restart(sink);
      }
    }
  }

  /** Takes note of the version that is there; what is read from now on is that one. */
  private void look() throws RemoteException {
    seen = Optional.empty();
    if (remote.conditions().isPresent()) {
      ObjectStat now = remote.find(key).orElseThrow(this::missing);
      if (now.sizeBytes() != sizeBytes) {
        throw other(now.sizeBytes() < sizeBytes ? "shorter" : "longer");
      }
      seen = Optional.of(now);
    }
  }

  private void restart(Sink sink) throws RemoteException, IOException {
    sink.restart();
    digest.reset();
    position = 0;
    look();
  }

  private InputStream open() throws RemoteException, Replaced {
    Optional<Remote.Conditions> conditions = remote.conditions();
    if (seen.isEmpty() || conditions.isEmpty()) {
      return remote.open(key, position, -1);
    }
    try {
      return conditions.get().open(seen.get(), position);
    } catch (RemoteException e) {
      if (e.reason() == Cause.NO_SUCH_OBJECT) {
        throw new Replaced(e);
      }
      throw e;
    }
  }

  private RemoteException missing() {
    return new RemoteException(
        Cause.NO_SUCH_OBJECT,
        "Remote '%s' has no object %s any more".formatted(remote.name(), key));
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

  /** Another object lies there now, or none. */
  private static final class Replaced extends Exception {
    private static final long serialVersionUID = 1L;
    private final RemoteException failure;

    Replaced(RemoteException failure) {
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
