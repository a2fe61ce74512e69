package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.node.HeldTable;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileVersion;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one remote of a file whose time, permissions or owner changed and whose bytes did not.
 * Where a remote cannot be told, the copy of the catalog that lies there tells those who restore.
 */
final class TraitMover {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.sync");

  private final HeldTable table;
  private final Remote remote;
  private final int remoteId;

  TraitMover(Catalog catalog, Remote remote, int remoteId) {
    this.table = new HeldTable(catalog);
    this.remote = remote;
    this.remoteId = remoteId;
  }

  /**
   * Tells it.
   *
   * @return what lies there then; empty when something else does, so that the file has to be sent
   */
  Optional<CopyTable.Held> describe(StorePath path, FileVersion version) throws RemoteException {
    Optional<CopyTable.Held> known = table.find(path, remoteId);
    if (known.isEmpty()) {
      return known;
    }
    CopyTable.Held held = known.get();
    ObjectStat there =
        new ObjectStat(
            ObjectKey.of(path),
            held.sizeBytes(),
            version.modifiedAt(),
            held.etag(),
            held.version(),
            Optional.of(held.sha256()));
    try {
      Optional<ObjectStat> now = remote.describe(there, version);
      return now.map(
              stat ->
                  new CopyTable.Held(
                      held.sha256(), held.sizeBytes(), stat.etag(), stat.version(), held.proof()))
          .or(() -> known);
    } catch (RemoteException e) {
      if (e.reason() == RemoteException.Cause.NO_SUCH_OBJECT) {
        return Optional.empty();
      }
      if (e.reason().concernsWholeRemote() || e.reason().isTransient()) {
        // What is only not possible now is tried again, with the file.
        throw e;
      }
      LOG.warn("{} keeps old times and permissions at '{}': {}", path, remote.name(), message(e));
      return known;
    }
  }

  private static String message(RemoteException e) {
    return String.valueOf(e.getMessage());
  }
}
