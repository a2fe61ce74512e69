package dev.caravan;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.turn.RunHold;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.check.Check;
import dev.caravan.config.Settings;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.purge.Purge;
import dev.caravan.purge.PurgeMeters;
import dev.caravan.purge.PurgeRemote;
import dev.caravan.purge.PurgeRequest;
import dev.caravan.remote.RemoteException;
import dev.caravan.restore.RestoreException;
import dev.caravan.restore.RestoreMeters;
import dev.caravan.restore.RestoreRuns;
import dev.caravan.restore.Restores;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import dev.caravan.store.scan.StoreScan;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.StoreAdoption;
import dev.caravan.sync.StorePresence;
import dev.caravan.sync.StoreSafety;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncMeters;
import dev.caravan.sync.SyncSchedule;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.MirroredRemote;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done with a store: sync, purge, restore and check, which know of each other through this.
 */
final class Operations implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan");
  private static final double BYTES_PER_GIB = 1L << 30;
  private static final DateTimeFormatter RUN_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /** How long a restore on a new machine waits for a sync to end. */
  private static final int HOLD_LOOKS = 300;

  private static final long HOLD_PAUSE_MILLIS = 100;

  private final Catalog catalog;
  private final EventBus events;
  private final Clock clock;
  private final Filters filters;
  private final Sync sync;
  private final Restores restores;
  private final RestoreRuns restoreRuns;
  private final Purge purge;
  private final RoomByPurge room;
  private final Check check;
  private final StoreAdoption adoption;
  private final Consumer<Operation> wake;

  /**
   * What the operations work with.
   *
   * @param purge carries a purge out through its route; returns when it has ended
   * @param wake wakes what carries out the runs of an operation
   */
  record World(
      Settings settings,
      StateFolder state,
      List<MirroredRemote> remotes,
      EventBus events,
      MeterRegistry meters,
      Consumer<PurgeRequest> purge,
      Consumer<Operation> wake) {}

  Operations(World world, Clock clock) {
    Settings settings = world.settings();
    List<MirroredRemote> remotes = world.remotes();
    MeterRegistry meters = world.meters();
    this.catalog = world.state().catalog();
    this.events = world.events();
    this.clock = clock;
    this.wake = world.wake();
    this.filters = new Filters(settings.store().include(), settings.store().exclude());
    StoreTree tree = world.state().tree();
    StoreGuard guard = new StoreGuard(tree, catalog, UUID::randomUUID);
    this.sync =
        new Sync(
            new Sync.World(
                settings,
                catalog,
                tree,
                new StoreScan(tree, filters),
                new FileRemoval(tree)::sweep,
                filters,
                guard,
                new SyncMeters(meters)),
            new RemoteRoster(remotes, catalog, clock),
            new RunQueue(catalog, events, () -> newRunId(clock.instant()), clock),
            new SyncSchedule(settings.store(), settings.storage(), clock),
            clock,
            new SecureRandom());
    long floorBytes = (long) (settings.storage().minFreeGb() * BYTES_PER_GIB);
    this.room = new RoomByPurge(tree, floorBytes, world.purge());
    this.restores =
        new Restores(
            new Restores.World(
                catalog,
                tree,
                remotes.stream().map(MirroredRemote::remote).toList(),
                new StorePresence(catalog, tree, guard)::findRefusal,
                room),
            new RestoreMeters(meters),
            events,
            clock);
    this.restoreRuns =
        new RestoreRuns(
            catalog, restores, this::learn, events, () -> newRunId(clock.instant()), clock);
    this.adoption = new StoreAdoption(catalog, tree, guard, sync.roster(), clock);
    this.purge =
        new Purge(
            new Purge.World(
                settings.purge(),
                floorBytes,
                catalog,
                tree,
                filters::admits,
                () -> sync.roster().entries().stream().map(Operations::purgeRemote).toList(),
                new StoreSafety(catalog, guard)::findRefusal,
                restores::isUnderway,
                tree::space),
            sync.queue(),
            new PurgeMeters(meters),
            clock,
            TimeUnit.MILLISECONDS::sleep);
    this.check =
        new CheckMaker(tree, guard, sync, restores)
            .make(world, filters, () -> newRunId(clock.instant()), clock);
  }

  /** A name for a run that begins now. */
  static RunId newRunId(Instant now) {
    return new RunId(
        RUN_TIME.format(now) + "-" + UUID.randomUUID().toString().replace("-", "").substring(0, 8));
  }

  /** No sync looks at the store while it becomes another. */
  private void learn(RunBook book, Optional<String> from) throws RestoreException {
    if (!adoption.isPossible()) {
      return;
    }
    RunHold hold = sync.queue().hold();
    try {
      if (!isQuiet(hold)) {
        throw new RestoreException(
            RestoreException.Reason.REFUSED,
            "The store is empty, and a sync looks at it at this moment: ask again");
      }
      // The sync that was waited for may have found the first files of this store.
      if (!adoption.isPossible()) {
        return;
      }
      if (adoption.adopt(book, from).isEmpty()) {
        throw new RestoreException(
            RestoreException.Reason.UNKNOWN, "No remote holds the files of a store");
      }
    } catch (RemoteException e) {
      throw new RestoreException(
          RestoreException.Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new RestoreException(
          RestoreException.Reason.REFUSED,
          "The state folder cannot be written to: " + e.getMessage());
    } finally {
      hold.close().forEach(wake);
    }
  }

  private static boolean isQuiet(RunHold hold) {
    try {
      for (int looks = 0; looks < HOLD_LOOKS; looks++) {
        if (hold.isQuiet()) {
          return true;
        }
        TimeUnit.MILLISECONDS.sleep(HOLD_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private static PurgeRemote purgeRemote(RemoteRoster.Entry entry) {
    MirroredRemote mirrored = entry.remote();
    return new PurgeRemote(entry.row().id(), mirrored.remote(), mirrored::ensureProbed);
  }

  Filters filters() {
    return filters;
  }

  Sync sync() {
    return sync;
  }

  Purge purge() {
    return purge;
  }

  Check check() {
    return check;
  }

  Restores restores() {
    return restores;
  }

  RestoreRuns restoreRuns() {
    return restoreRuns;
  }

  /** Ends what a dead process left running, and matches the remotes with the catalog. */
  void enrol() {
    List<RunRow> queued = unended(RunState.QUEUED);
    List<RunRow> running = unended(RunState.RUNNING);
    catalog.commit(session -> catalog.runs().recordInterrupted(session, clock.millis()));
    queued.forEach(row -> tell(row, RunState.CANCELLED));
    running.forEach(row -> tell(row, RunState.INTERRUPTED));
    sync.roster().enrol();
    try {
      purge.recover();
    } catch (IOException e) {
      LOG.warn("A purge that died could not be ended yet: {}", e.getMessage());
    }
    try {
      check.recover();
    } catch (IOException e) {
      LOG.warn("A repair that died could not be ended yet: {}", e.getMessage());
    }
  }

  /**
   * Asks remotes that were never used for what they are, beside whatever else is made ready: the
   * first cycle asks them in any case.
   */
  void contactEarly() {
    for (RemoteRoster.Entry entry : sync.roster().entries()) {
      if (!entry.row().owned() && !entry.remote().isHeld()) {
        String name = "contact-" + entry.remote().name();
        Thread thread = new Thread(entry.remote()::probeEarly, name);
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private List<RunRow> unended(RunState found) {
    return catalog.runs().list(Optional.empty(), Optional.of(found), 100);
  }

  private void tell(RunRow row, RunState state) {
    events.publish(row.id(), new EventContent.Status(row.operation(), state));
  }

  /** Asks a run that runs or waits to end; false when it does neither. */
  boolean cancel(RunId id) {
    return sync.queue().cancel(id) || restoreRuns.cancel(id) || check.queue().cancel(id);
  }

  /** Asks every run that runs or waits to end. */
  void cancelAll() {
    unended(RunState.QUEUED).forEach(row -> cancel(row.id()));
    unended(RunState.RUNNING).forEach(row -> cancel(row.id()));
  }

  /** Lets no further run begin, and asks those that run to end. */
  void stop() {
    sync.queue().stop();
    restoreRuns.stop();
    check.queue().stop();
  }

  @Override
  public void close() {
    stop();
    restores.close();
    room.close();
  }
}
