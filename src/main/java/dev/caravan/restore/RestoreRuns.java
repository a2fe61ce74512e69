package dev.caravan.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The runs that bring files back: one after the other, beside whatever else runs. */
public final class RestoreRuns {

  private static final int WAITING_MAX = 100;

  private final Catalog catalog;
  private final Restores restores;
  private final Rehydration rehydration;
  private final EventBus events;
  private final Supplier<RunId> ids;
  private final Clock clock;
  private final Semaphore turn = new Semaphore(1, true);
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private Optional<RestoreRun> running = Optional.empty();
  private long begunMillis;
  private boolean stopping;

  public RestoreRuns(
      Catalog catalog,
      Restores restores,
      Rehydration rehydration,
      EventBus events,
      Supplier<RunId> ids,
      Clock clock) {
    this.catalog = catalog;
    this.restores = restores;
    this.rehydration = rehydration;
    this.events = events;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * A run that was asked for.
   *
   * @param started false when it waits for another to end
   */
  public record Ticket(RunId run, boolean started) {}

  private record Waiting(RunRow row, RestoreRequest request) {}

  /**
   * Takes a wish; the caller then wakes the consumer of {@code seda:restore.request}.
   *
   * @return empty when too many wait already
   */
  public synchronized Optional<Ticket> request(RestoreRequest request) {
    if (waiting.size() >= WAITING_MAX) {
      return Optional.empty();
    }
    boolean free = running.isEmpty() && waiting.isEmpty();
    RunRow row = insert(request);
    waiting.add(new Waiting(row, request));
    return Optional.of(new Ticket(row.id(), free));
  }

  private RunRow insert(RestoreRequest request) {
    RunRow row =
        new RunRow(
            ids.get(),
            Operation.RESTORE,
            request.trigger(),
            RunState.QUEUED,
            false,
            clock.millis(),
            0,
            0,
            Optional.empty(),
            "{}");
    catalog.commit(session -> catalog.runs().insert(session, row));
    tell(row.id(), RunState.QUEUED);
    return row;
  }

  private void tell(RunId id, RunState state) {
    events.publish(id, new EventContent.Status(Operation.RESTORE, state));
  }

  /** Waits for its turn and begins this very wish; what others wished for waits on. */
  RestoreRun begin(RestoreRequest own) throws InterruptedException {
    return inTurn(() -> Optional.of(new Waiting(insert(own), own))).orElseThrow();
  }

  /** Waits for its turn and begins what has waited longest; empty when nothing waits any more. */
  Optional<RestoreRun> beginWaiting() throws InterruptedException {
    return inTurn(() -> Optional.ofNullable(waiting.poll()));
  }

  private Optional<RestoreRun> inTurn(Supplier<Optional<Waiting>> wish)
      throws InterruptedException {
    turn.acquire();
    boolean begun = false;
    try {
      synchronized (this) {
        if (stopping) {
          throw new InterruptedException("Caravan is stopping");
        }
        Optional<RestoreRun> run = wish.get().map(this::begun);
        running = run;
        begun = run.isPresent();
        return run;
      }
    } finally {
      if (!begun) {
        turn.release();
      }
    }
  }

  private RestoreRun begun(Waiting next) {
    RunRow row = next.row();
    begunMillis = clock.millis();
    catalog.commit(
        session -> {
          catalog.runs().recordLost(session, Operation.RESTORE, clock.millis());
          catalog.runs().recordBegin(session, row.id(), clock.millis());
        });
    tell(row.id(), RunState.RUNNING);
    RunBook book = new RunBook(catalog, events, row.id(), Operation.RESTORE, clock);
    return new RestoreRun(restores, rehydration, new RestoreTable(catalog), book, next.request());
  }

  /** Ends the run that has its turn; true when another waits. */
  boolean end(RestoreRun run) {
    boolean stopped = isStopping();
    finish(run);
    RunState state = run.state(stopped);
    Optional<String> error = run.error(stopped);
    try {
      String summary = summary(run, state) + error.map(e -> ": " + e).orElse("");
      if (state == RunState.SUCCEEDED) {
        run.book().info(summary);
      } else if (run.isBroken()) {
        run.book().error(summary);
      } else {
        run.book().warn(summary);
      }
      restores.meters().ended(state, Duration.ofMillis(clock.millis() - begunMillis));
      run.book().end(state, error);
    } finally {
      synchronized (this) {
        running = Optional.empty();
      }
      turn.release();
    }
    return hasWaiting();
  }

  private static void finish(RestoreRun run) {
    try {
      run.finish();
    } catch (RuntimeException e) {
      run.fail("Folders and links could not be brought back: " + e);
    }
  }

  private static String summary(RestoreRun run, RunState state) {
    String lacking =
        run.incomplete() == 0
            ? ""
            : ", %d of them not as they were (see the run's items)".formatted(run.incomplete());
    return "Restore %s: %s (%s)%s"
        .formatted(
            state.label(),
            Counted.of(run.book().count(RunCount.RESTORED), "file"),
            ByteSize.format(run.book().moved()),
            lacking);
  }

  /** True when a wish waits for its turn, and may still get it. */
  synchronized boolean hasWaiting() {
    return !stopping && !waiting.isEmpty();
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  /** The run as programs see it. */
  Map<String, @Nullable Object> view(RestoreRun run) {
    return RunView.of(catalog.runs().find(run.book().id()).orElseThrow());
  }

  /** Asks a run that runs or waits to end; false when it does neither. */
  public synchronized boolean cancel(RunId id) {
    if (running.filter(run -> run.book().id().equals(id)).isPresent()) {
      running.get().book().cancel();
      return true;
    }
    Optional<Waiting> dropped =
        waiting.stream().filter(each -> each.row().id().equals(id)).findFirst();
    if (dropped.isPresent()) {
      waiting.remove(dropped.get());
      catalog.commit(
          session ->
              catalog
                  .runs()
                  .recordEnd(
                      session,
                      id,
                      RunState.CANCELLED,
                      Optional.of("Cancelled before it began"),
                      "{}",
                      clock.millis()));
      tell(id, RunState.CANCELLED);
    }
    return dropped.isPresent();
  }

  /** Lets no further run begin, and asks the one that runs to end. */
  public synchronized void stop() {
    stopping = true;
    running.ifPresent(run -> run.book().cancel());
  }
}
