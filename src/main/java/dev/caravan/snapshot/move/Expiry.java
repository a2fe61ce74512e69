package dev.caravan.snapshot.move;

import dev.caravan.config.MaxDelete;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.KeepRules;
import dev.caravan.snapshot.keep.RetentionPlanner;
import dev.caravan.snapshot.keep.Snapshot;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.keep.SnapshotShelf;
import dev.caravan.snapshot.manifest.ManifestObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the snapshots that no rule keeps, and old trash; after a backup that fully succeeded. */
public final class Expiry {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  /** For so long after the last byte an unfinished folder may still be somebody's. */
  private static final Duration ABANDONED = Duration.ofHours(24);

  private static final int TRASH_DAYS = 30;

  /** By so much the clock of this machine may differ from that of the bucket. */
  private static final Duration SKEW = Duration.ofMinutes(10);

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
    Optional<Instant> stored = SnapshotShelf.putAt(world.remote(), ManifestObject.keyIn(folder));
    if (stored.isEmpty() || isSkewed(stored.get())) {
      LOG.warn(
          "the clock of this machine says {}, and the bucket {}: nothing old is removed",
          world.clock().instant(),
          stored.map(Instant::toString).orElse("nothing"));
      return;
    }
    Instant now = stored.get();
    if (world.mirror()) {
      int days = rules.days() > 0 ? rules.days() : TRASH_DAYS;
      LocalDate oldest = LocalDate.ofInstant(now.minus(Duration.ofDays(days)), ZoneOffset.UTC);
      new MirrorTrash(world.remote()).expire(oldest);
      return;
    }
    SnapshotShelf shelf = new SnapshotShelf(world.remote());
    List<String> names = shelf.names();
    warnOfFuture(names, now);
    if (rules.keepsAll()) {
      return;
    }
    List<Snapshot> all = shelf.look(names);
    List<Snapshot> expired =
        expired(all, rules, now).stream().filter(each -> !each.folder().equals(folder)).toList();
    Optional<Snapshot> bigger = expired.isEmpty() ? Optional.empty() : bigger(all, folder);
    for (Snapshot each : expired) {
      if (bigger.filter(each::equals).isPresent()) {
        LOG.warn(
            "snapshot {} is kept: it is the last one from before the source lost many files;"
                + " MAX_DELETE=100% for one run lets it go",
            each.name());
      } else {
        remove(shelf, each, "expired");
      }
    }
    for (Snapshot each : RetentionPlanner.unfinished(all)) {
      SnapshotShelf.LastWrite last = shelf.lastWrite(each);
      if (last.complete()) {
        LOG.warn("{} has a manifest that the bucket did not find at first: kept", each.name());
      } else if (last.at().isPresent() && last.at().get().isBefore(now.minus(ABANDONED))) {
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
    SnapshotShelf shelf = new SnapshotShelf(world.remote());
    String name = folder.replace("/", "");
    Optional<Instant> begun = shelf.recordedAt(name);
    if (begun.isEmpty()) {
      return;
    }
    Instant silent = begun.get().minus(ABANDONED);
    for (Snapshot each : RetentionPlanner.outrun(shelf.list(), name)) {
      SnapshotShelf.LastWrite last = shelf.lastWrite(each);
      if (!last.complete() && last.at().isPresent() && last.at().get().isBefore(silent)) {
        remove(shelf, each, "was never finished, like the one after it");
      }
    }
  }

  /** What no rule keeps; a snapshot that cannot be restored from keeps no place for itself. */
  private List<Snapshot> expired(List<Snapshot> all, KeepRules rules, Instant now)
      throws RemoteException {
    List<Snapshot> expired = RetentionPlanner.expired(all, rules, now);
    if (expired.isEmpty()) {
      return expired;
    }
    List<Snapshot> damaged = new ArrayList<>();
    for (Snapshot each : all) {
      if (each.isComplete() && filesOf(each).isEmpty()) {
        damaged.add(each);
      }
    }
    List<Snapshot> whole = new ArrayList<>(all);
    whole.removeAll(damaged);
    List<Snapshot> go = new ArrayList<>(RetentionPlanner.expired(whole, rules, now));
    expired.stream().filter(damaged::contains).forEach(go::add);
    return go;
  }

  private boolean isSkewed(Instant stored) {
    return Duration.between(stored, world.clock().instant()).abs().compareTo(SKEW) > 0;
  }

  private static void warnOfFuture(List<String> names, Instant now) {
    for (String name : names) {
      if (SnapshotName.parse(name).isAfter(now.plus(ABANDONED))) {
        LOG.warn("snapshot {} lies in the future, and counts as the newest", name);
      }
    }
  }

  /** The newest one with so many more files than this backup that they may be wanted soon. */
  private Optional<Snapshot> bigger(List<Snapshot> all, String folder) throws RemoteException {
    MaxDelete most = world.settings().safety().maxDelete();
    List<Snapshot> newestFirst = new ArrayList<>(all);
    Collections.reverse(newestFirst);
    long files = 0;
    for (Snapshot each : newestFirst) {
      if (each.folder().equals(folder)) {
        files = filesOf(each).orElse(0);
      }
    }
    for (Snapshot each : newestFirst) {
      OptionalLong held = each.folder().equals(folder) ? OptionalLong.empty() : filesOf(each);
      if (held.isPresent() && held.getAsLong() - files > most.limit(held.getAsLong())) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private OptionalLong filesOf(Snapshot snapshot) throws RemoteException {
    if (snapshot.manifest().isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(
          ManifestObject.peek(world.remote(), snapshot.manifest().get()).files());
    } catch (IOException e) {
      LOG.warn("{}: {}", snapshot.name(), e.getMessage());
      return OptionalLong.empty();
    }
  }

  private void remove(SnapshotShelf shelf, Snapshot snapshot, String why) throws RemoteException {
    long objects = shelf.remove(snapshot);
    world.counts().removedSnapshots.increment();
    LOG.info("snapshot {} {}: removed, {} objects", snapshot.name(), why, objects);
  }
}
