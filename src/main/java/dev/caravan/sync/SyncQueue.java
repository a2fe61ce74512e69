package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Keeps cycles apart: one runs, at most one waits (and one dry run beside it). A wish that finds
 * both taken is fulfilled by the one that waits, for that one looks at the store after the wish was
 * made.
 */
public final class SyncQueue {

  private final Catalog catalog;
  private final EventBus events;
  private final Supplier<RunId> ids;
  private final Clock clock;
  private final Semaphore turn = new Semaphore(1, true);
  private final Deque<RunRow> waiting = new ArrayDeque<>(2);
  private Optional<RunBook> running = Optional.empty();
  private boolean stopping;
  private boolean held;
  private boolean turnedAway;

  public SyncQueue(Catalog catalog, EventBus events, Supplier<RunId> ids, Clock clock) {
    this.catalog = catalog;
    this.events = events;
    this.ids = ids;
    this.clock = clock;
  }

  /** Takes a wish; the caller then wakes the consumer of {@code seda:sync-request}. */
  public synchronized SyncTicket request(SyncRequest request) {
    for (RunRow row : waiting) {
      if (row.dryRun() == request.dryRun()) {
        return new SyncTicket(row.id(), SyncTicket.Status.ALREADY_RUNNING);
      }
    }
    boolean free = running.isEmpty() && waiting.isEmpty();
    RunRow row = insert(request);
    waiting.addLast(row);
    return new SyncTicket(row.id(), free ? SyncTicket.Status.STARTED : SyncTicket.Status.QUEUED);
  }

  private void drop(RunRow row) {
    catalog.commit(
        session ->
            catalog
                .runs()
                .recordEnd(
                    session,
                    row.id(),
                    RunState.CANCELLED,
                    Optional.of("Cancelled before it began"),
                    "{}",
                    clock.millis()));
    tell(row, RunState.CANCELLED);
  }

  private void tell(RunRow row, RunState state) {
    events.publish(row.id(), new EventContent.Status(row.operation(), state));
  }

  private RunRow insert(SyncRequest request) {
    RunRow row =
        new RunRow(
            ids.get(),
            Operation.SYNC,
            request.trigger(),
            RunState.QUEUED,
            request.dryRun(),
            clock.millis(),
            0,
            0,
            Optional.empty(),
            "{}");
    catalog.commit(session -> catalog.runs().insert(session, row));
    tell(row, RunState.QUEUED);
    return row;
  }

  /**
   * Waits for its turn and begins the run that waits, or a new one.
   *
   * @throws InterruptedException when the thread is asked to stop while it waits
   * @throws HeldException while no run may begin; the caller's wish is kept
   */
  public Begun begin(SyncRequest otherwise) throws InterruptedException {
    turn.acquire();
    boolean begun = false;
    try {
      synchronized (this) {
        if (stopping) {
          throw new InterruptedException("Caravan is stopping");
        }
        if (held) {
          turnedAway = true;
          throw new HeldException();
        }
        RunRow next = waiting.pollFirst();
        RunRow row = next == null ? insert(otherwise) : next;
        // The turn is ours, so none runs: one that says so met a full disk at its end.
        List<RunRow> lost =
            catalog.runs().list(Optional.of(Operation.SYNC), Optional.of(RunState.RUNNING), 10);
        catalog.commit(
            session -> {
              catalog.runs().recordLost(session, Operation.SYNC, clock.millis());
              catalog.runs().recordBegin(session, row.id(), clock.millis());
            });
        lost.forEach(each -> tell(each, RunState.FAILED));
        tell(row, RunState.RUNNING);
        RunBook book = new RunBook(catalog, events, row.id(), row.operation(), clock);
        running = Optional.of(book);
        begun = true;
        return new Begun(book, row.trigger(), row.dryRun());
      }
    } finally {
      if (!begun) {
        turn.release();
      }
    }
  }

  /** A run that has its turn. */
  public record Begun(RunBook book, Trigger trigger, boolean dryRun) {}

  /** Ends the run that has its turn. */
  public void end(RunBook book, RunState state, Optional<String> error) {
    try {
      book.end(state, error);
    } finally {
      synchronized (this) {
        running = Optional.empty();
      }
      turn.release();
    }
  }

  /** True while a run has its turn or waits for it. */
  public synchronized boolean isBusy() {
    return running.isPresent() || hasWaiting();
  }

  /** True while a run waits for its turn. */
  public synchronized boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  public synchronized boolean isRunning() {
    return running.isPresent();
  }

  /** Asks a run that runs or waits to end; false when it does neither. */
  public synchronized boolean cancel(RunId id) {
    if (running.isPresent() && running.get().id().equals(id)) {
      running.get().cancel();
      return true;
    }
    Optional<RunRow> dropped = waiting.stream().filter(row -> row.id().equals(id)).findFirst();
    dropped.ifPresent(this::drop);
    dropped.ifPresent(waiting::remove);
    return dropped.isPresent();
  }

  /** Lets no further run begin, and asks the one that runs to end. */
  public synchronized void stop() {
    stopping = true;
    running.ifPresent(RunBook::cancel);
  }

  public synchronized boolean isStopping() {
    return stopping;
  }

  /**
   * Lets no run begin until {@link #release}, so that what runs are made of can be exchanged.
   *
   * @return true once none is under way
   */
  public synchronized boolean hold() {
    held = true;
    return running.isEmpty();
  }

  public synchronized boolean isHeld() {
    return held;
  }

  /**
   * Lets runs begin again.
   *
   * @return true when one was turned away meanwhile, or waits: the caller wakes the consumer
   */
  public synchronized boolean release() {
    boolean wanted = held && (turnedAway || !waiting.isEmpty());
    held = false;
    turnedAway = false;
    return wanted;
  }

  /** No run may begin at this moment. */
  public static final class HeldException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    HeldException() {
      super("No run begins while routes are exchanged");
    }
  }
}
