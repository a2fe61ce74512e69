package dev.caravan.dgraph;

import dev.caravan.catalog.export.ExportFileRow;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads in parts that were begun and not ended. Those of exports that are still to be brought are
 * gone on with; of all others nothing stays at the remote.
 */
final class Unfinished {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.dgraph");

  private final ExportWorld world;
  private final ExportFiles files;
  private boolean isFirst = true;
  private boolean isDue = true;

  Unfinished(ExportWorld world, ExportFiles files) {
    this.world = world;
    this.files = files;
  }

  /**
   * Removes what nobody goes on with: at first, before anything is sent, also uploads of which no
   * more is on record than that they may have been begun.
   *
   * @throws RemoteException when that may be done later; what the remote refuses for good is left
   */
  synchronized void sweep() throws RemoteException {
    if (!isDue) {
      return;
    }
    for (ExportFiles.Begun begun : files.uploads()) {
      boolean isKnown = world.parts().find(place(), new ObjectKey(begun.key())).isPresent();
      if (!begun.wanted() || (isFirst && !isKnown)) {
        removeIfAllowed(begun);
      }
    }
    isFirst = false;
    isDue = false;
  }

  private void removeIfAllowed(ExportFiles.Begun begun) throws RemoteException {
    try {
      remove(begun);
    } catch (RemoteException e) {
      boolean isRefused =
          e.reason() == RemoteException.Cause.PERMISSION
              || e.reason() == RemoteException.Cause.UNSUPPORTED;
      if (!isRefused) {
        throw e;
      }
      // Exports are not held up by it; a lifecycle rule of the bucket removes such parts as well.
      LOG.warn("Parts of an upload of {} may be left: {}", begun.key(), e.getMessage());
    }
  }

  /** An export was given up: what was begun of it is removed now, or else with the next look. */
  synchronized void givenUp() {
    isDue = true;
    if (isFirst) {
      return;
    }
    try {
      sweep();
    } catch (RemoteException e) {
      LOG.debug("Uploads of an export that was given up are removed later", e);
    }
  }

  /** Removes what is left of an export whose objects are all proven. */
  void sweep(long export) {
    Set<String> keys =
        files.list(export).stream().map(ExportFileRow::key).collect(Collectors.toSet());
    try {
      for (ExportFiles.Begun begun : files.uploads()) {
        if (keys.contains(begun.key())) {
          remove(begun);
        }
      }
    } catch (RemoteException e) {
      LOG.warn("Export {}: parts of an upload may be left: {}", export, e.getMessage());
    }
  }

  private void remove(ExportFiles.Begun begun) throws RemoteException {
    ObjectKey key = new ObjectKey(begun.key());
    // What is on record to be gone on with would be spared.
    world.parts().forget(place(), key);
    world.vault().sweep(key, begun.at());
    files.recordUploadEnd(begun.key());
  }

  private String place() {
    return world.vault().identity();
  }
}
