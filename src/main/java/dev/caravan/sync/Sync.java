package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.rename.RenameTable;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.config.ByteSize;
import dev.caravan.config.Settings;
import dev.caravan.event.Counted;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import dev.caravan.store.scan.StoreScan;
import dev.caravan.sync.detect.StoreFindings;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.CatalogBackup;
import dev.caravan.sync.move.MirroredRemote;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The mirror as a whole: begins, plans and ends cycles. Knows nothing of routes. */
public final class Sync {

  private static final Duration FILE_RETRY_BASE = Duration.ofSeconds(30);
  private static final Duration REMOTE_RETRY_BASE = Duration.ofSeconds(10);
  private static final Duration RETRY_CEILING = Duration.ofHours(1);

  /**
   * What the mirror works on.
   *
   * @param leftovers is told of files that Caravan left unfinished in the store
   */
  public record World(
      Settings settings,
      Catalog catalog,
      StoreTree tree,
      StoreScan scan,
      Consumer<StorePath> leftovers,
      Filters filters,
      StoreGuard guard,
      SyncMeters meters) {}

  private final World world;
  private final RemoteRoster roster;
  private final RunQueue queue;
  private final SyncSchedule schedule;
  private final Clock clock;
  private final RetryTimes fileRetries;
  private final RetryTimes remoteRetries;

  public Sync(
      World world,
      RemoteRoster roster,
      RunQueue queue,
      SyncSchedule schedule,
      Clock clock,
      RandomGenerator random) {
    this.world = world;
    this.roster = roster;
    this.queue = queue;
    this.schedule = schedule;
    this.clock = clock;
    this.fileRetries = new RetryTimes(FILE_RETRY_BASE, RETRY_CEILING, random);
    this.remoteRetries = new RetryTimes(REMOTE_RETRY_BASE, RETRY_CEILING, random);
  }

  /** Lets the next cycle go on with what the open halt holds back; false when there is none. */
  public boolean approveHalt() {
    Catalog catalog = world.catalog();
    return catalog.write(session -> catalog.halts().approve(session, clock.millis()));
  }

  public RunQueue queue() {
    return queue;
  }

  public SyncSchedule schedule() {
    return schedule;
  }

  public RemoteRoster roster() {
    return roster;
  }

  /** Waits for its turn and begins this cycle, be it one that waits or a new one. */
  SyncCycle begin(SyncRequest own) throws InterruptedException {
    return made(queue.beginOwn(own.wish()));
  }

  /** Begins the cycle that waits, when its turn comes; empty when none waits. */
  Optional<SyncCycle> beginWaiting() throws InterruptedException {
    return queue.beginWaiting(Operation.SYNC).map(this::made);
  }

  private SyncCycle made(RunQueue.Begun begun) {
    try {
      return cycle(begun);
    } catch (RuntimeException e) {
      // The turn is given back whatever happens, else no cycle would ever run again.
      queue.end(begun.book(), RunState.FAILED, Optional.of("It could not begin: " + e));
      throw e;
    }
  }

  private SyncCycle cycle(RunQueue.Begun begun) {
    // A dry run sends nothing, so what is due stays due.
    Optional<List<StorePath>> noticed =
        begun.dryRun() ? Optional.empty() : schedule.begun(begun.trigger());
    SyncContext context =
        new SyncContext(
            world.settings(),
            world.catalog(),
            world.tree(),
            world.filters()::admits,
            begun.book(),
            begun.trigger(),
            begun.dryRun(),
            clock.millis(),
            fileRetries,
            remoteRetries,
            clock,
            new AtomicBoolean(),
            schedule.noticed()::note,
            world.meters());
    // What lies at a remote may have been exchanged since the last cycle.
    roster.remotes().forEach(MirroredRemote::forgetMarker);
    List<RemoteCycle> remotes = new ArrayList<>();
    for (RemoteRoster.Entry entry : roster.entries()) {
      remotes.add(new RemoteCycle(entry.remote(), entry.row(), context));
    }
    return new SyncCycle(
        context, world.guard(), remotes, new SyncCycle.Told(noticed, schedule::isRested));
  }

  void plan(SyncCycle cycle) {
    boolean sweeps = !cycle.context().dryRun();
    cycle.plan(world.scan(), sweeps ? world.leftovers() : found -> {});
  }

  /** A cycle ended by something unforeseen: damage of the catalog is remembered. */
  void noteFault(@Nullable Throwable fault) {
    if (fault != null) {
      world.catalog().noteFault(fault);
    }
  }

  CatalogBackup backup() {
    return new CatalogBackup(world.catalog(), world.settings().store().stateFolder(), clock);
  }

  /** Ends the cycle and gives its turn back. */
  RunState end(SyncCycle cycle) {
    boolean stopping = queue.isStopping();
    SyncContext context = cycle.context();
    try {
      cycle.settleHalt();
    } catch (RuntimeException e) {
      cycle.fail("What the cycle found could not be recorded: " + e.getMessage());
    }
    RunState state = cycle.state(stopping);
    Optional<String> error = cycle.error(stopping);
    try {
      finish(context);
      String summary = summary(cycle, state);
      switch (state) {
        case FAILED, HALTED -> context.book().error(summary + error.map(e -> ": " + e).orElse(""));
        case PARTIAL, INTERRUPTED, CANCELLED ->
            context.book().warn(summary + error.map(e -> ": " + e).orElse(""));
        case SUCCEEDED, QUEUED, RUNNING -> context.book().info(summary);
      }
    } finally {
      try {
        boolean again = context.again().get() && state != RunState.HALTED;
        if (!context.dryRun()) {
          Duration took = Duration.ofMillis(clock.millis() - context.begunMillis());
          world.meters().ended(state, took);
          schedule.ended(state, cycle.lookTook(), again, retryAt(context.begunMillis()));
        }
      } finally {
        queue.end(context.book(), state, error);
      }
    }
    return state;
  }

  /** The run as programs see it. */
  Map<String, @Nullable Object> view(SyncCycle cycle) {
    return RunView.of(world.catalog().runs().find(cycle.context().book().id()).orElseThrow());
  }

  private void finish(SyncContext context) {
    if (context.dryRun()) {
      return;
    }
    Catalog catalog = world.catalog();
    long before = clock.instant().minus(world.settings().runs().keep()).toEpochMilli();
    catalog.commit(
        session -> {
          catalog.files().forgetDeleted(session);
          new RenameTable(catalog).forgetSettled(session);
          catalog.runs().forgetBefore(session, before);
          catalog.halts().forgetBefore(session, before);
        });
  }

  /**
   * When something that failed is tried again. What was due when the cycle began has had its turn:
   * if it was not tried even so (everything was halted, the file is excluded now), making the next
   * cycle due for it at once would have no end.
   */
  private Optional<Instant> retryAt(long begunMillis) {
    List<RemoteRow> rows = roster.entries().stream().map(RemoteRoster.Entry::row).toList();
    Optional<Long> ofFiles =
        world
            .catalog()
            .copies()
            .findNextRetry(
                rows.stream().filter(row -> row.failures() == 0).map(RemoteRow::id).toList(),
                begunMillis);
    return Stream.concat(
            ofFiles.stream(),
            rows.stream()
                .filter(row -> row.failures() > 0)
                .map(RemoteRow::retryAtMillis)
                .filter(at -> at > begunMillis))
        .min(Long::compareTo)
        .map(Instant::ofEpochMilli);
  }

  private String summary(SyncCycle cycle, RunState state) {
    SyncContext context = cycle.context();
    Duration took = Duration.ofMillis(clock.millis() - context.begunMillis());
    long files = cycle.findings().map(StoreFindings::found).orElse(0L);
    return ("%s %s in %.1f s: %s, %d uploaded (%s), %d renamed, %d trashed, %d skipped,"
            + " %d failed")
        .formatted(
            context.dryRun() ? "Dry run of sync" : "Sync",
            state.label(),
            took.toMillis() / 1000.0,
            Counted.of(files, "file"),
            context.book().count(RunCount.UPLOADED),
            ByteSize.format(context.book().moved()),
            context.book().count(RunCount.RENAMED),
            context.book().count(RunCount.TRASHED) + context.book().count(RunCount.DELETED),
            context.book().count(RunCount.SKIPPED),
            context.book().count(RunCount.FAILED));
  }
}
