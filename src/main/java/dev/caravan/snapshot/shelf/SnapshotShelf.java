package dev.caravan.snapshot.shelf;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.env.SnapshotName;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the snapshots at the prefix of a remote; asks anew each time. */
public final class SnapshotShelf {

  private final Remote remote;

  public SnapshotShelf(Remote remote) {
    this.remote = remote;
  }

  /**
   * All dated folders, the oldest first. Costs one request for each, and none for what is in it.
   */
  public List<Snapshot> list() throws RemoteException {
    List<Snapshot> all = new ArrayList<>();
    for (String name : remote.folders("")) {
      Optional<Instant> begunAt = SnapshotName.find(name);
      if (begunAt.isPresent()) {
        all.add(look(name, begunAt.get()));
      }
    }
    return all;
  }

  /** The newest one that is complete. */
  public Optional<Snapshot> findLatest() throws RemoteException {
    List<String> names = new ArrayList<>(remote.folders(""));
    for (int i = names.size() - 1; i >= 0; i--) {
      Optional<Instant> begunAt = SnapshotName.find(names.get(i));
      if (begunAt.isPresent()) {
        Snapshot snapshot = look(names.get(i), begunAt.get());
        if (snapshot.isComplete()) {
          return Optional.of(snapshot);
        }
      }
    }
    return Optional.empty();
  }

  private Snapshot look(String name, Instant begunAt) throws RemoteException {
    return new Snapshot(name, begunAt, remote.find(ManifestObject.keyIn(name + "/")));
  }
}
