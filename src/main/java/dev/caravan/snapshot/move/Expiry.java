package dev.caravan.snapshot.move;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.KeepRules;
import dev.caravan.snapshot.keep.RetentionPlanner;
import dev.caravan.snapshot.keep.Snapshot;
import dev.caravan.snapshot.keep.SnapshotShelf;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the snapshots that no rule keeps, and old trash; after a backup that fully succeeded. */
public final class Expiry {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  /** For so long after the last byte an unfinished folder may still be somebody's. */
  private static final Duration ABANDONED = Duration.ofHours(24);

  private static final int TRASH_DAYS = 30;
  private static final String RECORDS = ObjectKey.OWN + "snapshots/";

  private final MoverWorld world;

  public Expiry(MoverWorld world) {
    this.world = world;
  }

  /**
   * Removes what nobody keeps.
   *
   * @param folder of the snapshot that was just made, which always stays
   */
  public void run(String folder) throws RemoteException {
    KeepRules rules = world.settings().keep();
    Instant now = world.clock().instant();
    if (world.mirror()) {
      int days = rules.days() > 0 ? rules.days() : TRASH_DAYS;
      LocalDate oldest = LocalDate.ofInstant(now.minus(Duration.ofDays(days)), ZoneOffset.UTC);
      new MirrorTrash(world.remote()).expire(oldest);
      return;
    }
    SnapshotShelf shelf = new SnapshotShelf(world.remote());
    List<Snapshot> all = shelf.list();
    for (Snapshot each : RetentionPlanner.expired(all, rules, now)) {
      if (!each.folder().equals(folder)) {
        remove(shelf, each, "expired");
      }
    }
    if (rules.keepsAll()) {
      return;
    }
    for (Snapshot each : RetentionPlanner.unfinished(all)) {
      Optional<Instant> last = shelf.lastWrite(each);
      if (last.isEmpty() || last.get().isBefore(now.minus(ABANDONED))) {
        remove(shelf, each, "was never finished");
      } else {
        LOG.info("{} is not finished, and may still be written to: kept", each.name());
      }
    }
  }

  /**
   * After a backup that went through the source and is not complete: removes what earlier ones of
   * its kind left, where a rule is set and nobody wrote there for a day. Complete ones all stay.
   *
   * @param folder of the snapshot that was just made, which stays
   */
  public void runIncomplete(String folder) throws RemoteException {
    if (world.mirror() || world.settings().keep().keepsAll()) {
      return;
    }
    String name = folder.replace("/", "");
    Instant[] begun = new Instant[1];
    world.remote().list(RECORDS + name, stat -> begun[0] = stat.modifiedAt());
    if (begun[0] == null) {
      return;
    }
    SnapshotShelf shelf = new SnapshotShelf(world.remote());
    for (Snapshot each : RetentionPlanner.outrun(shelf.list(), name)) {
      if (isAbandoned(each, begun[0].minus(ABANDONED))) {
        remove(shelf, each, "was never finished, like the one after it");
      }
    }
  }

  /** By the bucket's clock alone; what has a manifest after all is not meant. */
  private boolean isAbandoned(Snapshot snapshot, Instant silentSince) throws RemoteException {
    ObjectKey manifest = ManifestObject.keyIn(snapshot.folder());
    boolean[] seen = {false, false};
    world
        .remote()
        .list(
            snapshot.folder(),
            stat -> {
              boolean old = stat.modifiedAt().isBefore(silentSince);
              seen[old && !stat.key().equals(manifest) ? 0 : 1] = true;
            });
    return seen[0] && !seen[1];
  }

  private void remove(SnapshotShelf shelf, Snapshot snapshot, String why) throws RemoteException {
    long objects = shelf.remove(snapshot);
    world.counts().removedSnapshots.increment();
    LOG.info("snapshot {} {}: removed, {} objects", snapshot.name(), why, objects);
  }
}
