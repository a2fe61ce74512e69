package dev.caravan.snapshot.move;

import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.keep.SnapshotShelf;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the name of a snapshot to the clock of the bucket. */
final class SnapshotNaming {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  /** So long after it was complete, a snapshot of the same name is asked for by mistake. */
  private static final Duration RETRIES_END = Duration.ofHours(24);

  /** By so much the clock of this machine may differ from that of the bucket. */
  private static final Duration SKEW = Duration.ofMinutes(10);

  private final MoverWorld world;
  private final SnapshotShelf shelf;
  private final Instant begunAt;

  SnapshotNaming(MoverWorld world, Instant begunAt) {
    this.world = world;
    this.shelf = new SnapshotShelf(world.remote());
    this.begunAt = begunAt;
  }

  /**
   * Lets only the retries of a backup end well without doing anything.
   *
   * @param name of a complete snapshot
   * @throws IOException when it was completed long ago
   */
  void ensureRecent(String name) throws RemoteException, IOException {
    Optional<Instant> at = SnapshotShelf.putAt(world.remote(), ManifestObject.keyIn(name + "/"));
    if (at.isPresent() && at.get().isBefore(begunAt.minus(RETRIES_END))) {
      throw new IOException(
          ("nothing was backed up: snapshot %s is complete since %s. Give BACKUP_TIMESTAMP anew for"
                  + " each backup, or leave it out")
              .formatted(name, at.get()));
    }
  }

  /**
   * Puts a snapshot on record.
   *
   * @return its name: another one where this was made by a clock that is wrong
   */
  String begin(String name) throws RemoteException {
    Instant now = shelf.begin(name).orElse(begunAt);
    Duration ahead = Duration.between(now, SnapshotName.parse(name));
    if (world.settings().timestamp().isPresent()) {
      if (ahead.compareTo(RETRIES_END) > 0) {
        LOG.warn(
            "BACKUP_TIMESTAMP={} lies in the future, the bucket's clock says {}: until then this"
                + " snapshot is the newest",
            name,
            now);
      }
      return name;
    }
    // Between the first look at the clock and this, the source may have been compared for long.
    Duration skew = Duration.between(now, world.clock().instant());
    if (skew.abs().compareTo(SKEW) <= 0) {
      return name;
    }
    LOG.warn(
        "the clock of this machine says {}, and the bucket {}: the snapshot is named after that",
        world.clock().instant(),
        now);
    shelf.forget(name);
    String other = SnapshotName.of(now);
    shelf.begin(other);
    return other;
  }
}
