package dev.caravan.sync.move;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * The owner marker at a remote: {@code .caravan/store.id} names the one store that is mirrored
 * there. It keeps a wrong or freshly emptied store from being taken for the one whose files they
 * are.
 */
public final class Ownership {

  /** Where the marker lies; a small thing to ask a remote for. */
  public static final ObjectKey MARKER = ObjectKey.own("store.id");

  private static final int LENGTH_MAX = 200;

  private Ownership() {}

  public static Optional<String> findOwner(Remote remote) throws RemoteException {
    if (remote.find(MARKER).isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = remote.open(MARKER, 0, -1)) {
      return Optional.of(new String(in.readNBytes(LENGTH_MAX), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.NETWORK,
          "The owner marker at remote '%s' cannot be read: %s"
              .formatted(remote.name(), e.getMessage()),
          e);
    }
  }

  /**
   * Makes sure that the files of this store lie at a remote, and not those of another, or none.
   *
   * @throws RemoteException when its marker is missing or names another store
   */
  public static void ensureOwner(Remote remote, String storeId) throws RemoteException {
    Optional<String> owner = findOwner(remote);
    if (owner.isEmpty() || !owner.get().equals(storeId)) {
      throw new RemoteException(
          owner.isEmpty() ? RemoteException.Cause.NOT_THERE : RemoteException.Cause.FOREIGN,
          owner.isEmpty()
              ? ("Remote '%s' carries no marker of this store: no sync was there yet, it was"
                      + " emptied, or its disk is not mounted")
                  .formatted(remote.name())
              : "Remote '%s' holds the files of store %s, not of this one"
                  .formatted(remote.name(), owner.get()));
    }
  }

  public static void claim(Remote remote, String storeId, Instant now) throws RemoteException {
    ObjectContent marker = new SmallContent((storeId + "\n").getBytes(StandardCharsets.UTF_8), now);
    try {
      remote.put(MARKER, marker);
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.OTHER,
          "The owner marker cannot be sent to remote '%s': %s"
              .formatted(remote.name(), e.getMessage()),
          e);
    }
  }
}
