package dev.caravan.check;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;

/**
 * A remote that is compared with the catalog.
 *
 * @param id of its row in the catalog
 * @param keepsDeleted copies of deleted files stay there
 * @param ready makes sure that it answers, and that it is this store's: one that was emptied, or
 *     whose disk is away, would look as if all had been lost
 */
public record CheckRemote(int id, Remote remote, boolean keepsDeleted, Ready ready) {

  /** Makes a remote ready to be asked. */
  public interface Ready {
    void ensure() throws RemoteException;
  }

  String name() {
    return remote.name();
  }

  /** False for a remote that can only be sent to: nobody can say what it holds. */
  boolean isCheckable() {
    return remote.keepsOwn();
  }
}
