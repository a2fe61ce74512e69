package dev.caravan.purge;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.purge.PurgeTable;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunTicket;
import dev.caravan.config.ByteSize;
import dev.caravan.config.PurgeSettings;
import dev.caravan.event.Causes;
import dev.caravan.event.Counted;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The purge as a whole: begins and ends runs that give disk space back. Knows nothing of routes.
 */
public final class Purge {

  /** What dccd keeps of its own in a store. */
  private static final String DCCD = ".dccd";

  private final World world;
  private final RunQueue queue;
  private final PurgeMeters meters;
  private final Clock clock;
  private final SpaceGoal.Pause pause;
  private final Unlinker unlinker;

  /**
   * What the purge works on.
   *
   * @param floorBytes how much space shall be free; 0 when there is no floor
   * @param admits whether the filters of the store admit a file
   * @param remotes those that are configured
   * @param refusal why the store must not be worked on at this moment
   */
  public record World(
      PurgeSettings settings,
      long floorBytes,
      Catalog catalog,
      StoreTree tree,
      Predicate<StorePath> admits,
      Supplier<List<PurgeRemote>> remotes,
      PurgeRun.Refusal refusal,
      PurgeHold hold,
      SpaceGoal.Disk disk) {}

  public Purge(
      World world, RunQueue queue, PurgeMeters meters, Clock clock, SpaceGoal.Pause pause) {
    this.world = world;
    this.queue = queue;
    this.meters = meters;
    this.clock = clock;
    this.pause = pause;
    this.unlinker = new Unlinker(world.catalog(), new FileRemoval(world.tree()), world.hold());
  }

  public RunQueue queue() {
    return queue;
  }

  /** Takes a wish; the caller then wakes the consumer of {@code seda:purge-request}. */
  public RunTicket request(PurgeRequest request) {
    return queue.request(request.wish());
  }

  /** Puts back what a process that died had renamed aside; at the start, before anything runs. */
  public void recover() throws IOException {
    unlinker.recover();
  }

  /**
   * True when a purge has to follow a cycle: there is less space than there should be, or there is
   * enough by now and the last purge has it on record that there was not.
   */
  public boolean isDue() {
    if (world.floorBytes() <= 0 || world.remotes().get().isEmpty()) {
      return false;
    }
    boolean enough;
    try {
      enough = world.disk().space().freeBytes() >= world.floorBytes();
    } catch (IOException e) {
      // Then the run meets the same fault, and tells of it.
      enough = false;
    }
    Optional<RunRow> last = world.catalog().runs().findLastEnded(Operation.PURGE);
    return !enough || last.filter(run -> run.state() == RunState.PARTIAL).isPresent();
  }

  /** Why the disk is a worry: below its floor, and the last purge could not bring it back above. */
  public List<String> worries() {
    try {
      long missing = world.floorBytes() - world.disk().space().freeBytes();
      boolean tried =
          world
              .catalog()
              .runs()
              .findLastEnded(Operation.PURGE)
              .filter(run -> run.state() != RunState.SUCCEEDED)
              .isPresent();
      return missing > 0 && tried
          ? List.of(
              "the disk is %d bytes below storage.min_free_gb and nothing more can be purged"
                  .formatted(missing))
          : List.of();
    } catch (IOException e) {
      return List.of("the free space of the store cannot be read: " + e.getMessage());
    }
  }

  /** Waits for its turn and begins this purge, be it one that waits or a new one. */
  PurgeRun begin(PurgeRequest own) throws InterruptedException {
    return made(queue.beginOwn(own.wish()));
  }

  /** Begins the purge that waits, when its turn comes; empty when none waits. */
  Optional<PurgeRun> beginWaiting() throws InterruptedException {
    return queue.beginWaiting(Operation.PURGE).map(this::made);
  }

  private PurgeRun made(RunQueue.Begun begun) {
    try {
      return run(begun.book(), PurgeRequest.of(begun.wish()));
    } catch (RuntimeException e) {
      // The turn is given back whatever happens, else nothing would ever run again.
      queue.end(
          begun.book(), RunState.FAILED, Optional.of("It could not begin: " + Causes.textOf(e)));
      throw e;
    }
  }

  private PurgeRun run(RunBook book, PurgeRequest request) {
    try {
      unlinker.recover();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<PurgeRemote> all = world.remotes().get();
    List<PurgeRemote> counting = all.stream().filter(PurgeRemote::counts).toList();
    int copies = Math.max(1, world.settings().copies().count().orElse(all.size()));
    if (counting.size() < copies) {
      book.warn(
          ("purge.copies asks for %d proven copies, but only %d of the remotes can show what they"
                  + " hold: nothing can be purged")
              .formatted(copies, counting.size()));
    }
    PurgeRun.Parts parts =
        new PurgeRun.Parts(
            world.catalog(),
            new PurgeRun.Candidates(
                new PurgeTable(world.catalog()),
                world.settings().order() == PurgeSettings.Order.COLDEST,
                counting.stream().map(PurgeRemote::id).toList()),
            policy(request, copies),
            new PurgeGate(world.tree(), world.catalog(), counting, copies, world.hold()),
            unlinker,
            new SpaceGoal(world.disk(), request.terms().goalBytes(world.floorBytes()), pause),
            world.refusal(),
            meters);
    return new PurgeRun(parts, book, request, clock);
  }

  private PurgePolicy policy(PurgeRequest request, int copies) {
    Filters included = new Filters(world.settings().include(), List.of());
    Filters guarded = new Filters(world.settings().protect(), List.of());
    return new PurgePolicy(
        world.admits(),
        included::admits,
        path -> world.tree().isReserved(path) || path.isWithin(DCCD) || guarded.admits(path),
        world.settings().minAge(),
        request.terms().olderThan(),
        copies);
  }

  /** Ends the run and gives its turn back. */
  RunState end(PurgeRun run) {
    RunState state = RunState.FAILED;
    Optional<String> error = Optional.of("What it came to could not be worked out");
    try {
      PurgeOutcome outcome = PurgeOutcome.of(run, queue.isStopping());
      state = outcome.state();
      error = outcome.error();
      settle(run);
      log(run, outcome);
    } finally {
      try {
        if (!run.isDryRun()) {
          meters.ended(state, Duration.ofMillis(clock.millis() - run.begunMillis()));
        }
      } finally {
        queue.end(run.book(), state, error);
      }
    }
    return state;
  }

  /** Nothing stays aside; what cannot be put back now is, by the next purge or start. */
  private void settle(PurgeRun run) {
    try {
      unlinker.recover();
    } catch (IOException e) {
      run.book().warn("A file that was put aside cannot be put back yet: " + e.getMessage());
    }
  }

  private void log(PurgeRun run, PurgeOutcome outcome) {
    String text =
        "%s %s in %.1f s: %s left the disk (%s), %d stay%s%s"
            .formatted(
                run.isDryRun() ? "Dry run of purge" : "Purge",
                outcome.state().label(),
                (clock.millis() - run.begunMillis()) / 1000.0,
                Counted.of(run.book().count(RunCount.PURGED), "file"),
                ByteSize.format(run.book().moved()),
                run.kept().number(),
                run.kept().number() > 0 ? " (" + run.kept().byReason() + ")" : "",
                outcome.error().map(error -> ": " + error).orElse(""));
    switch (outcome.state()) {
      case FAILED, HALTED -> run.book().error(text);
      case PARTIAL, INTERRUPTED, CANCELLED -> run.book().warn(text);
      case SUCCEEDED, QUEUED, RUNNING -> run.book().info(text);
    }
  }

  /** The run as programs see it. */
  Map<String, @Nullable Object> view(PurgeRun run) {
    return RunView.of(world.catalog().runs().find(run.book().id()).orElseThrow());
  }
}
