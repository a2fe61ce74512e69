package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.ListingTable;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.restore.CatalogCopy;
import dev.caravan.catalog.trash.TrashTable;
import dev.caravan.event.Counted;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What has to be settled with a remote before anything is moved there: that it answers, that it is
 * this store's, what an interrupted run left behind, and, once, what it holds already.
 */
public final class RemoteContact {

  private static final int BATCH = 1_000;

  private final MirroredRemote mirrored;
  private final Catalog catalog;
  private final RunBook book;
  private final Clock clock;

  public RemoteContact(MirroredRemote mirrored, Catalog catalog, RunBook book, Clock clock) {
    this.mirrored = mirrored;
    this.catalog = catalog;
    this.book = book;
    this.clock = clock;
  }

  /** The other store whose files lie there; empty when it is this store's, or nobody's yet. */
  public Optional<String> findForeignOwner(RemoteRow row, String storeId) throws RemoteException {
    mirrored.ensureProbed();
    if (row.owned() || !mirrored.remote().keepsOwn()) {
      return Optional.empty();
    }
    return Ownership.findOwner(mirrored.remote()).filter(owner -> !owner.equals(storeId));
  }

  /** Makes the remote this store's, whosever it was: a person agreed. */
  public void takeOver(String storeId) throws RemoteException {
    Ownership.claim(mirrored.remote(), storeId, clock.instant());
    book.warn("Remote '%s' was taken over by store %s".formatted(mirrored.name(), storeId));
  }

  /**
   * True when the remote carries the marker that this store once left there. A mount point without
   * its disk, or an emptied bucket, does not.
   */
  public boolean hasMarker(String storeId) throws RemoteException {
    if (!mirrored.isMarkerSeen() && mirrored.remote().keepsOwn()) {
      mirrored.ensureProbed();
      if (!Ownership.findOwner(mirrored.remote()).equals(Optional.of(storeId))) {
        return false;
      }
      mirrored.markerSeen();
    }
    return true;
  }

  /**
   * Makes the remote ready for transfers.
   *
   * @param claims whether to write to it: false in a dry run
   * @param unfinished what an interrupted run may have left there
   */
  public void prepare(RemoteRow row, String storeId, boolean claims, UnfinishedUploads unfinished)
      throws RemoteException {
    mirrored.ensureProbed();
    if (!claims) {
      return;
    }
    unfinished.sweep(row);
    if (row.owned() && !row.reconcile()) {
      return;
    }
    Remote remote = mirrored.remote();
    if (!remote.keepsOwn()) {
      recordReady(row);
      return;
    }
    Optional<String> owner = Ownership.findOwner(remote);
    if (owner.filter(id -> !id.equals(storeId)).isPresent()) {
      throw new RemoteException(
          RemoteException.Cause.FOREIGN,
          "Remote '%s' holds the files of store %s, not of this one: nothing was sent there"
              .formatted(mirrored.name(), owner.get()));
    }
    if (row.reconcile()) {
      list(row);
      if (owner.isPresent()) {
        recordFound(row);
      }
      catalog.commit(session -> catalog.remotes().recordReconciled(session, row.id()));
    }
    if (owner.isEmpty()) {
      Ownership.claim(remote, storeId, clock.instant());
    }
    mirrored.markerSeen();
    catalog.commit(session -> catalog.remotes().recordOwned(session, row.id()));
  }

  /**
   * Learns what the remote holds of a store of which this machine knows nothing.
   *
   * @param known what a copy of the catalog says
   */
  public void learn(RemoteRow row, Optional<CatalogCopy> known) throws RemoteException {
    list(row);
    if (known.isPresent()) {
      known.get().takeOver(catalog, row.name(), row.id(), clock.millis());
    }
  }

  /** Learns the rest, file by file, and takes the remote for this store's. */
  public void adopt(RemoteRow row) throws RemoteException {
    recordFound(row);
    mirrored.markerSeen();
    recordReady(row);
    catalog.commit(session -> catalog.remotes().recordWell(session, row.id()));
  }

  /** A remote that can only be sent to has no marker, and there is nothing that could be listed. */
  private void recordReady(RemoteRow row) {
    catalog.commit(
        session -> {
          catalog.remotes().recordReconciled(session, row.id());
          catalog.remotes().recordOwned(session, row.id());
        });
  }

  private void list(RemoteRow row) throws RemoteException {
    catalog.commit(session -> catalog.listings().clear(session, row.id()));
    List<ListingTable.Listed> batch = new ArrayList<>();
    long[] listed = {0};
    mirrored
        .remote()
        .list(
            "",
            stat -> {
              if (stat.key().isOwn()) {
                noteTrash(row, stat.key());
              } else if (isStorePath(stat.key())) {
                batch.add(listed(stat));
                listed[0]++;
              }
              if (batch.size() >= BATCH) {
                record(row, batch);
              }
            });
    record(row, batch);
    if (listed[0] > 0) {
      book.info(
          "Remote '%s' holds %s already; what is one of the store's files is adopted"
              .formatted(mirrored.name(), Counted.of(listed[0], "object")));
    }
  }

  private void record(RemoteRow row, List<ListingTable.Listed> batch) {
    List<ListingTable.Listed> objects = List.copyOf(batch);
    batch.clear();
    catalog.commit(session -> catalog.listings().insert(session, row.id(), objects));
  }

  /** What lies in the trash keeps its name and its day, also when the catalog forgot it. */
  private void noteTrash(RemoteRow row, ObjectKey key) {
    String trash = ObjectKey.OWN + "trash/";
    int slash = key.value().indexOf('/', trash.length());
    if (!key.value().startsWith(trash) || slash < 0) {
      return;
    }
    try {
      LocalDate day = LocalDate.parse(key.value().substring(trash.length(), slash));
      String name = key.value().substring(slash + 1);
      TrashTable table = new TrashTable(catalog);
      catalog.submit(session -> table.recordFound(session, row.id(), day, name));
    } catch (DateTimeParseException e) {
      // Not one of our folders; it is left alone.
    }
  }

  private static boolean isStorePath(ObjectKey key) {
    try {
      StorePath.of(key.value());
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static ListingTable.Listed listed(ObjectStat stat) {
    return new ListingTable.Listed(
        StorePath.of(stat.key().value()),
        stat.sizeBytes(),
        stat.modifiedAt().getEpochSecond() * 1_000_000_000L + stat.modifiedAt().getNano(),
        stat.etag());
  }

  /**
   * The remote is this store's (or was taken over), and the catalog knows nothing of it: what it
   * holds and the store lacks left the disk at some time. Nobody can tell now whether its owner
   * deleted it, so it is kept.
   */
  private void recordFound(RemoteRow row) throws RemoteException {
    Optional<StorePath> after = Optional.empty();
    long found = 0;
    long unknown = 0;
    while (!book.isCancelled()) {
      List<ListingTable.Listed> page = catalog.listings().unknown(row.id(), after, BATCH);
      if (page.isEmpty()) {
        break;
      }
      for (ListingTable.Listed object : page) {
        boolean recorded = recordFound(row, object);
        found += recorded ? 1 : 0;
        unknown += recorded ? 0 : 1;
      }
      after = Optional.of(page.get(page.size() - 1).path());
    }
    if (found > 0) {
      book.info(
          "Only at remote '%s': %s; recorded as purged, and can be restored"
              .formatted(mirrored.name(), Counted.of(found, "file")));
    }
    if (unknown > 0) {
      book.warn(
          "Without a checksum that could be compared at remote '%s': %s; left alone"
              .formatted(mirrored.name(), Counted.of(unknown, "object")));
    }
    if (book.isCancelled()) {
      throw new RemoteException(RemoteException.Cause.CANCELLED, "Cancelled");
    }
  }

  private boolean recordFound(RemoteRow row, ListingTable.Listed object) throws RemoteException {
    Optional<ObjectStat> held = mirrored.remote().find(ObjectKey.of(object.path()));
    if (held.isEmpty() || held.get().sha256().isEmpty()) {
      return false;
    }
    String sha256 = held.get().sha256().get();
    FileRow file =
        new FileRow(
            object.path(),
            FileRow.State.PURGED,
            object.sizeBytes(),
            listed(held.get()).modifiedNs(),
            0,
            0,
            0,
            0,
            Optional.of(sha256),
            0);
    CopyTable.Held copy =
        new CopyTable.Held(
            sha256, object.sizeBytes(), held.get().etag(), held.get().version(), "recorded");
    long now = clock.millis();
    catalog.submit(
        session -> {
          catalog.files().recordFoundAtRemote(session, file, now);
          // Another remote may have shown another version first; of that one, this is no copy.
          if (catalog.files().holds(session, object.path(), sha256)) {
            catalog.copies().recordFound(session, object.path(), row.id(), copy, now);
          }
        });
    return true;
  }
}
