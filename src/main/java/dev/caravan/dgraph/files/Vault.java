package dev.caravan.dgraph.files;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The bucket for exports. Nothing is put into it that it would keep readable. */
public final class Vault implements AutoCloseable {

  private final Remote remote;
  private final Encryption encryption;
  private boolean probed;

  /** How the server says that it keeps objects. */
  @FunctionalInterface
  public interface Encryption {

    /** The algorithm that an object is encrypted with under the customer's key; empty for none. */
    Optional<String> of(ObjectKey key) throws RemoteException;

    /**
     * Whether the server refuses whoever has no key.
     *
     * @param facts of the remote's probe
     */
    default boolean isEnforced(Map<String, String> facts) {
      return "yes".equals(facts.get("sse_enforced"));
    }
  }

  /**
   * @param remote the bucket, with retries and meters around it
   */
  public Vault(Remote remote, Encryption encryption) {
    this.remote = remote;
    this.encryption = encryption;
  }

  /** Where it is, without a secret. */
  public String identity() {
    return remote.identity();
  }

  /** Throws unless the bucket can be used, and its server does encrypt with the key. */
  public synchronized void ensureUsable() throws RemoteException {
    if (probed) {
      return;
    }
    if (!encryption.isEnforced(remote.probe())) {
      throw new RemoteException(
          Cause.UNSUPPORTED,
          "Remote 'dgraph' (%s): the server takes the key and stores readable objects; use a"
                  .formatted(identity())
              + " server that encrypts with customer keys");
    }
    probed = true;
  }

  /** Stores a content, unless exactly it is there. */
  public void put(ObjectKey key, ObjectContent content) throws RemoteException, IOException {
    if (find(key, content.sizeBytes(), content.sha256()).isEmpty()) {
      remote.put(key, content);
    }
  }

  private Optional<ObjectStat> find(ObjectKey key, long sizeBytes, String sha256)
      throws RemoteException {
    try {
      return remote
          .find(key)
          .filter(stat -> stat.sizeBytes() == sizeBytes)
          .filter(stat -> stat.sha256().filter(sha256::equals).isPresent());
    } catch (RemoteException e) {
      if (e.reason() == Cause.OTHER || e.reason() == Cause.PERMISSION) {
        // One that was put with another key, or none: it is replaced.
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Why the object is not, as asked for now, the bytes of this size and checksum, encrypted with
   * the key; empty when it is.
   */
  public Optional<String> doubt(ObjectKey key, long sizeBytes, String sha256)
      throws RemoteException {
    Optional<ObjectStat> stat = remote.find(key);
    if (stat.isEmpty()) {
      return Optional.of(key + " is not there");
    }
    if (stat.get().sizeBytes() != sizeBytes) {
      return Optional.of(
          "%s has %d bytes, not %d".formatted(key, stat.get().sizeBytes(), sizeBytes));
    }
    if (!stat.get().sha256().equals(Optional.of(sha256))) {
      return Optional.of(key + " carries another checksum");
    }
    return encryption.of(key).equals(Optional.of("AES256"))
        ? Optional.empty()
        : Optional.of(key + " is not encrypted with the key");
  }

  /** Removes what interrupted uploads of a key left behind. */
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    remote.sweep(key, begunAt);
  }

  /** The bucket itself, to read from. */
  public Remote remote() {
    return remote;
  }

  @Override
  public void close() {
    remote.close();
  }
}
