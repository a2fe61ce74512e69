package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.check.SeenTable;
import dev.caravan.catalog.check.SeenTable.Seen;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TempNames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Writes down what one remote shows of the store's files, without what is Caravan's own. */
final class RemoteListing {

  /** Whose files lie there; every remote that may be checked holds it. */
  static final ObjectKey MARKER = ObjectKey.own("store.id");

  private static final int BATCH = 10_000;

  private final CheckRemote remote;
  private final Catalog catalog;
  private final SeenTable table;
  private final List<Seen> batch = new ArrayList<>();
  private boolean marked;

  RemoteListing(CheckRemote remote, Catalog catalog) {
    this.remote = remote;
    this.catalog = catalog;
    this.table = new SeenTable(catalog);
  }

  /**
   * Lists the remote.
   *
   * @throws RemoteException when it cannot be listed, or shows less than lies there
   */
  void read(BooleanSupplier cancelled) throws RemoteException {
    catalog.commit(session -> table.clear(session, remote.id()));
    remote
        .remote()
        .list(
            "",
            stat -> {
              if (cancelled.getAsBoolean()) {
                throw new RemoteException(RemoteException.Cause.CANCELLED, "Cancelled");
              }
              note(stat);
            });
    flush();
    if (!marked) {
      throw new RemoteException(
          RemoteException.Cause.OTHER,
          "Remote '%s' listed its objects without the store's own marker (%s), which lies there:"
                  .formatted(remote.name(), MARKER)
              + " such a listing is not believed");
    }
  }

  private void note(ObjectStat stat) {
    ObjectKey key = stat.key();
    marked |= key.equals(MARKER);
    if (!key.isOwn() && !TempNames.isTemp(nameOf(key.value()))) {
      batch.add(new Seen(key.value(), stat.sizeBytes()));
      if (batch.size() >= BATCH) {
        flush();
      }
    }
  }

  private static String nameOf(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  private void flush() {
    List<Seen> objects = List.copyOf(batch);
    batch.clear();
    catalog.commit(session -> table.insert(session, remote.id(), objects));
  }
}
