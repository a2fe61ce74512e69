package dev.caravan.snapshot.move;

import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.SnapshotShelf;
import dev.caravan.snapshot.manifest.DamagedManifestException;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an empty source is compared with that has no backup of its kind yet: the last one of the
 * other kind under the same prefix, snapshots beside a mirror or a mirror beside snapshots. Whoever
 * goes over from one to the other may have mounted the wrong volume all the same.
 */
final class OtherKind {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  private OtherKind() {}

  /** The survey of a source without files, as if that had been its last backup. */
  static Survey compare(Survey empty, MoverWorld world, SnapshotShelf shelf)
      throws RemoteException, IOException {
    long files = world.mirror() ? filesOfSnapshots(world, shelf) : filesOfMirror(world);
    return new Survey(0, 0, 0, 0, files, files, empty.problems());
  }

  private static long filesOfMirror(MoverWorld world) throws RemoteException, IOException {
    return files(world, world.remote().find(ManifestObject.keyIn(""))).orElse(0L);
  }

  /** Of the newest that is complete and can be used. */
  private static long filesOfSnapshots(MoverWorld world, SnapshotShelf shelf)
      throws RemoteException, IOException {
    List<String> names = shelf.names();
    for (int i = names.size() - 1; i >= 0; i--) {
      Optional<Long> files = files(world, shelf.look(names.get(i)).manifest());
      if (files.isPresent()) {
        return files.get();
      }
    }
    return 0;
  }

  private static Optional<Long> files(MoverWorld world, Optional<ObjectStat> manifest)
      throws RemoteException, IOException {
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ManifestObject.peek(world.remote(), manifest.get()).files());
    } catch (DamagedManifestException e) {
      LOG.warn("{}: {}", manifest.get().key(), e.getMessage());
      return Optional.empty();
    }
  }
}
