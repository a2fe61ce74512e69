package dev.caravan.check;

import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunTicket;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import dev.caravan.store.FileRemoval;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The check as a whole: begins and ends runs that compare what is where. Knows nothing of routes.
 */
public final class Check {

  private final CheckWorld world;
  private final RunQueue queue;
  private final CheckMeters meters;
  private final Clock clock;
  private final CheckSchedule schedule;

  /**
   * @param queue of checks alone: they go on beside whatever else runs, and believe only what the
   *     catalog said before a look and says after it
   */
  public Check(CheckWorld world, RunQueue queue, CheckMeters meters, Clock clock) {
    this.world = world;
    this.queue = queue;
    this.meters = meters;
    this.clock = clock;
    this.schedule = new CheckSchedule(world.daily().settings(), world.catalog(), clock);
  }

  /** Ends a repair whose process died; at the start, before anything looks at the store. */
  public void recover() throws IOException {
    new Replacement(world, new FileRemoval(world.tree())).recover();
  }

  public RunQueue queue() {
    return queue;
  }

  /** Takes a wish; the caller then wakes the consumer of {@code seda:check.request}. */
  public RunTicket request(CheckRequest request) {
    return queue.request(request.wish());
  }

  /** Takes the wish for today's share where that is due; false when it is not. */
  boolean requestDue() {
    boolean due = !queue.isBusy() && schedule.isDue();
    if (due) {
      request(CheckRequest.daily());
    }
    return due;
  }

  /** Waits for its turn and begins this check, be it one that waits or a new one. */
  CheckRun begin(CheckRequest own) throws InterruptedException {
    return made(queue.beginOwn(own.wish()));
  }

  /** Begins the check that waits, when its turn comes; empty when none waits. */
  Optional<CheckRun> beginWaiting() throws InterruptedException {
    return queue.beginWaiting(Operation.CHECK).map(this::made);
  }

  private CheckRun made(RunQueue.Begun begun) {
    try {
      CheckRequest request = CheckRequest.of(begun.wish());
      if (request.terms().daily()) {
        schedule.recordBegun();
      }
      return new CheckRun(world, request.terms(), begun.book(), meters, clock);
    } catch (RuntimeException e) {
      // The turn is given back whatever happens, else nothing would ever run again.
      queue.end(begun.book(), RunState.FAILED, Optional.of("It could not begin: " + e));
      throw e;
    }
  }

  /** Ends the run and gives its turn back. */
  void end(CheckRun run) {
    RunState state = RunState.FAILED;
    Optional<String> error = Optional.of("What it came to could not be worked out");
    try {
      CheckOutcome outcome = CheckOutcome.of(run, queue.isStopping());
      state = outcome.state();
      error = outcome.error();
      if (run.terms().daily() && state == RunState.INTERRUPTED) {
        schedule.recordInterrupted();
      }
      log(run, outcome);
    } finally {
      try {
        meters.ended(state, Duration.ofMillis(clock.millis() - run.begunMillis()));
      } finally {
        queue.end(run.book(), state, error);
      }
    }
  }

  private void log(CheckRun run, CheckOutcome outcome) {
    RunBook book = run.book();
    String text =
        "Check %s in %.1f s (%s): %d equal, %d different, %d could not be looked at%s"
            .formatted(
                outcome.state().label(),
                (clock.millis() - run.begunMillis()) / 1000.0,
                run.terms().daily() ? "today's share" : run.terms().mode().label(),
                book.count(RunCount.VERIFIED),
                book.count(RunCount.DIFFERENT),
                book.count(RunCount.FAILED),
                outcome.error().map(error -> ": " + error).orElse(""));
    switch (outcome.state()) {
      case FAILED, HALTED -> book.error(text);
      case PARTIAL, INTERRUPTED, CANCELLED -> book.warn(text);
      case SUCCEEDED, QUEUED, RUNNING -> book.info(text);
    }
  }

  /** The run as programs see it. */
  Map<String, @Nullable Object> view(CheckRun run) {
    return RunView.of(world.catalog().runs().find(run.book().id()).orElseThrow());
  }
}
