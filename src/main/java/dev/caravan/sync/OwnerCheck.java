package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.remote.RemoteException;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.RemoteContact;
import dev.caravan.sync.plan.SyncHalt;
import java.util.Optional;
import java.util.function.Predicate;

/** Finds out, before anything is moved, whether a remote is where this store's files belong. */
final class OwnerCheck {

  private final MirroredRemote mirrored;
  private final SyncContext context;
  private final RemoteContact contact;

  OwnerCheck(MirroredRemote mirrored, SyncContext context) {
    this.mirrored = mirrored;
    this.context = context;
    this.contact = new RemoteContact(mirrored, context.catalog(), context.book(), context.clock());
  }

  /**
   * Asks the remote.
   *
   * @param agreed whether a person agreed to what would be refused
   * @return why nothing must be moved there
   * @throws RemoteException when whose it is could not be learnt
   */
  Optional<SyncHalt> check(RemoteRow row, String storeId, Predicate<SyncHalt> agreed)
      throws RemoteException {
    return row.owned() ? checkMarker(row, storeId, agreed) : checkOwner(row, storeId, agreed);
  }

  /** Before the first transfer: it may hold another store's files. */
  private Optional<SyncHalt> checkOwner(RemoteRow row, String storeId, Predicate<SyncHalt> agreed)
      throws RemoteException {
    Optional<SyncHalt> foreign =
        contact
            .findForeignOwner(row, storeId)
            .map(
                owner ->
                    SyncHalt.foreign(
                        mirrored.name(),
                        mirrored.remote().identity(),
                        owner,
                        storeId,
                        context.catalog().isEmpty()));
    if (foreign.filter(agreed.negate()).isPresent()) {
      return foreign;
    }
    if (foreign.isPresent() && !context.dryRun()) {
      contact.takeOver(storeId);
    }
    return Optional.empty();
  }

  /** Later: it may have been emptied, or its disk may be away. */
  private Optional<SyncHalt> checkMarker(RemoteRow row, String storeId, Predicate<SyncHalt> agreed)
      throws RemoteException {
    if (contact.hasMarker(storeId)) {
      return Optional.empty();
    }
    SyncHalt halt = SyncHalt.emptied(mirrored.name(), mirrored.remote().identity());
    if (!agreed.test(halt)) {
      return Optional.of(halt);
    }
    if (!context.dryRun()) {
      beginAnew(row);
    }
    return Optional.empty();
  }

  private void beginAnew(RemoteRow row) {
    Catalog catalog = context.catalog();
    long now = context.clock().millis();
    catalog.commit(
        session -> {
          catalog.remotes().recordMoved(session, row.id(), row.identity());
          catalog.copies().recordAllUnknown(session, row.id(), now);
          catalog.copies().recordAllPending(session, row.id(), now);
        });
  }
}
