package dev.caravan.snapshot.shelf;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.Snapshot;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The folders at a prefix that have the name of a snapshot, also those that another tool wrote or
 * that are on no record: what can be looked at and restored from. Asks anew each time.
 */
public final class DatedFolders {

  private final Remote remote;

  public DatedFolders(Remote remote) {
    this.remote = remote;
  }

  /** All, the oldest first. Costs one request for each, and none for what is in it. */
  public List<Snapshot> list() throws RemoteException {
    List<Snapshot> all = new ArrayList<>();
    for (String name : remote.folders("")) {
      Optional<Instant> takenAt = SnapshotName.find(name);
      if (takenAt.isPresent()) {
        all.add(look(name, takenAt.get()));
      }
    }
    return all;
  }

  /** The newest one that is complete. */
  public Optional<Snapshot> findLatest() throws RemoteException {
    List<String> names = new ArrayList<>(remote.folders(""));
    for (int i = names.size() - 1; i >= 0; i--) {
      Optional<Instant> takenAt = SnapshotName.find(names.get(i));
      if (takenAt.isPresent()) {
        Snapshot snapshot = look(names.get(i), takenAt.get());
        if (snapshot.isComplete()) {
          return Optional.of(snapshot);
        }
      }
    }
    return Optional.empty();
  }

  private Snapshot look(String name, Instant takenAt) throws RemoteException {
    return new Snapshot(name, takenAt, remote.find(ManifestObject.keyIn(name + "/")));
  }
}
