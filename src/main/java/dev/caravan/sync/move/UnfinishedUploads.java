package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.UploadTable;
import dev.caravan.catalog.upload.CutTable;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that nothing stays at a remote of uploads that were begun and not ended. Those that
 * will be gone on with are spared, as long as their file waits and is what it was.
 */
public final class UnfinishedUploads {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.sync");

  private final Remote remote;
  private final Catalog catalog;
  private final CutTable cuts;
  private final Predicate<StorePath> admits;

  /**
   * @param admits whether the filters admit a file
   */
  public UnfinishedUploads(Remote remote, Catalog catalog, Predicate<StorePath> admits) {
    this.remote = remote;
    this.catalog = catalog;
    this.cuts = new CutTable(catalog);
    this.admits = admits;
  }

  /**
   * Before a cycle: removes all but what will be gone on with. What is being sent at this moment,
   * as an archive may do, is left alone.
   */
  public void sweep(RemoteRow row) throws RemoteException {
    for (UploadTable.Begun begun : catalog.uploads().list(row.id())) {
      ObjectKey key = new ObjectKey(begun.path());
      if (remote.isSendingParts(key)) {
        continue;
      }
      if (isToGoOn(row, key)) {
        sweep(key, begun);
      } else {
        remove(row, key, begun);
      }
    }
  }

  /** After it: removes what was not needed. What cannot be removed now is removed by the next. */
  public void sweepUnneeded(RemoteRow row) {
    for (UploadTable.Begun begun : catalog.uploads().list(row.id())) {
      ObjectKey key = new ObjectKey(begun.path());
      if (remote.isSendingParts(key) || isToGoOn(row, key)) {
        continue;
      }
      try {
        remove(row, key, begun);
      } catch (RemoteException e) {
        LOG.debug("What is left of an upload of {} is removed later: {}", key, e.getMessage());
      }
    }
  }

  private void remove(RemoteRow row, ObjectKey key, UploadTable.Begun begun)
      throws RemoteException {
    // Before the sweep, which spares what is on record; the other row stays until it is done.
    cuts.forget(remote.identity(), key.value());
    sweep(key, begun);
    if (!remote.isSendingParts(key)) {
      catalog.commit(session -> catalog.uploads().recordEnded(session, row.id(), begun.path()));
    }
  }

  private boolean isToGoOn(RemoteRow row, ObjectKey key) {
    return !key.isOwn()
        && cuts.isOfUnchanged(remote.identity(), key.value(), row.id())
        && admits.test(StorePath.of(key.value()));
  }

  /** A remote that forbids the asking is used all the same. */
  private void sweep(ObjectKey key, UploadTable.Begun begun) throws RemoteException {
    try {
      remote.sweep(key, begun.begunAt());
    } catch (RemoteException e) {
      if (e.reason() != RemoteException.Cause.PERMISSION
          && e.reason() != RemoteException.Cause.UNSUPPORTED) {
        throw e;
      }
      LOG.warn(
          "Parts of an upload of {} may be left at '{}': {}", key, remote.name(), e.getMessage());
    }
  }
}
