package dev.caravan.snapshot.shelf;

import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.Snapshot;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.io.IOException;
import java.util.Optional;

/**
 * What a command works on: a snapshot, the mirror at the prefix, or a folder without a manifest.
 *
 * @param label for people: the name of the snapshot, or {@code mirror}
 * @param folder what its keys begin with: {@code 2026-11-21-032800/}, {@code ""} for the mirror
 * @param manifest empty for a folder that is no complete snapshot, and a mirror of another tool's
 */
public record Origin(String label, String folder, Optional<ManifestObject> manifest) {

  /** The newest complete snapshot, or the mirror where that is newer. */
  public static final String LATEST = "latest";

  /** The mirror, also where there are snapshots. */
  public static final String MIRROR = "mirror";

  /**
   * Finds it, and reads its manifest.
   *
   * @param name of a snapshot or any folder, {@link #LATEST} or {@link #MIRROR}
   * @return empty when nothing is there under that name; a mirror without a manifest is whatever
   *     lies there, if anything does
   * @throws dev.caravan.snapshot.manifest.DamagedManifestException when a manifest is there and
   *     cannot be trusted
   */
  public static Optional<Origin> find(Remote remote, String name)
      throws RemoteException, IOException {
    if (name.equals(LATEST)) {
      Optional<Snapshot> snapshot = new DatedFolders(remote).findLatest();
      boolean mirror = snapshot.isEmpty() || isMirrorNewer(remote, snapshot.get());
      return load(remote, mirror ? "" : snapshot.get().folder());
    }
    if (name.equals(MIRROR)) {
      return load(remote, "").or(() -> Optional.of(new Origin(MIRROR, "", Optional.empty())));
    }
    String folder = name.replaceFirst("/+$", "");
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    Optional<Origin> snapshot = load(remote, folder + "/");
    boolean isFolder = snapshot.isPresent() || remote.folders("").contains(folder);
    return isFolder
        ? snapshot.or(() -> Optional.of(new Origin(folder, folder + "/", Optional.empty())))
        : Optional.empty();
  }

  private static boolean isMirrorNewer(Remote remote, Snapshot snapshot)
      throws RemoteException, IOException {
    Optional<ObjectStat> mirror = remote.find(ManifestObject.keyIn(""));
    return mirror.isPresent()
        && ManifestObject.peek(remote, mirror.get()).createdAt().isAfter(snapshot.takenAt());
  }

  private static Optional<Origin> load(Remote remote, String folder)
      throws RemoteException, IOException {
    String label = folder.isEmpty() ? MIRROR : folder.substring(0, folder.length() - 1);
    return ManifestObject.load(remote, folder)
        .map(manifest -> new Origin(label, folder, Optional.of(manifest)));
  }
}
