package dev.caravan.purge;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;

/**
 * A remote that may be asked what it holds.
 *
 * @param id of its row in the catalog
 * @param ready makes sure that it was probed in this process
 */
public record PurgeRemote(int id, Remote remote, Ready ready) {

  private static final String ROUTES = "camel";

  /** Makes a remote ready to be asked. */
  public interface Ready {
    void ensure() throws RemoteException;
  }

  String name() {
    return remote.name();
  }

  /** False for a remote whose copies are never proven, whatever the catalog says of them. */
  boolean counts() {
    return remote.canFind() && remote.keepsOwn() && !remote.provider().equals(ROUTES);
  }
}
