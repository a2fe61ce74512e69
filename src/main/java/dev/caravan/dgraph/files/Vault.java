package dev.caravan.dgraph.files;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The bucket for exports. Nothing is put into it that it would keep readable. */
public final class Vault implements AutoCloseable {

  private static final String CLAIM = "/.caravan-claim";

  private final Remote remote;
  private final Server server;
  private boolean probed;
  private Optional<Boolean> excludes = Optional.empty();

  /** What is asked of the server beyond what every remote can do. */
  public interface Server {

    /** The algorithm that an object is encrypted with under the customer's key; empty for none. */
    Optional<String> encryption(ObjectKey key) throws RemoteException;

    /**
     * Stores a content where nothing lies yet.
     *
     * @return false when something lies there
     * @throws RemoteException with {@code UNSUPPORTED} when the server does not know such requests
     */
    boolean create(ObjectKey key, ObjectContent content) throws RemoteException;

    /**
     * Whether the server refuses whoever has no key.
     *
     * @param facts of the remote's probe
     */
    default boolean isEnforced(Map<String, String> facts) {
      return "yes".equals(facts.get("sse_enforced"));
    }
  }

  /** Whose a folder is. */
  public enum Claim {
    OWN,
    TAKEN,
    /** The server lets two have the same: only a name that nobody else makes is safe. */
    UNSURE
  }

  /**
   * @param remote the bucket, with retries and meters around it
   */
  public Vault(Remote remote, Server server) {
    this.remote = remote;
    this.server = server;
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
    if (!server.isEnforced(remote.probe())) {
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
    return server.encryption(key).equals(Optional.of("AES256"))
        ? Optional.empty()
        : Optional.of(key + " is not encrypted with the key");
  }

  /**
   * Takes a folder, so that no other Caravan writes to it.
   *
   * @param owner the same for each try of the same export, and for no other's
   */
  public synchronized Claim claim(String folder, String owner) throws RemoteException {
    ObjectKey key = claimOf(folder);
    TextContent text = new TextContent(owner + "\n");
    try {
      if (!server.create(key, text)) {
        boolean isOurs = find(key, text.sizeBytes(), text.sha256()).isPresent();
        if (!isOurs) {
          return Claim.TAKEN;
        }
      }
      if (excludes.isEmpty()) {
        // A server that ignores the condition takes it a second time as well.
        excludes = Optional.of(!server.create(key, text));
      }
    } catch (RemoteException e) {
      if (e.reason() == Cause.UNSUPPORTED) {
        return Claim.UNSURE;
      }
      throw e;
    }
    if (excludes.get() && !isUsed(folder)) {
      return Claim.OWN;
    }
    release(folder);
    return excludes.get() ? Claim.TAKEN : Claim.UNSURE;
  }

  /**
   * Whether anything but a claim lies in a folder: its manifest at least, once an export is done.
   */
  private boolean isUsed(String folder) throws RemoteException {
    boolean[] used = {false};
    try {
      remote.list(folder + "/", stat -> used[0] |= !stat.key().value().equals(folder + CLAIM));
    } catch (RemoteException e) {
      if (e.reason() != Cause.PERMISSION) {
        throw e;
      }
      // Whoever may not list may not be told that an object is not there either.
      used[0] = remote.find(new ObjectKey(folder + "/manifest.json")).isPresent();
    }
    return used[0];
  }

  /** Gives a folder free again, or leaves it to its manifest to say that it is taken. */
  public void release(String folder) throws RemoteException {
    ObjectKey key = claimOf(folder);
    RemoteException fault = remote.delete(List.of(key)).get(key);
    if (fault != null && fault.reason() != Cause.NO_SUCH_OBJECT) {
      throw fault;
    }
  }

  private static ObjectKey claimOf(String folder) {
    return new ObjectKey(folder + CLAIM);
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
