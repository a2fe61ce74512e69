package dev.caravan.catalog.turn;

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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Keeps apart the runs that look at the store or take files from it: one runs, whatever it does; of
 * each operation at most one waits, and one dry run beside it. A wish that finds both taken is
 * fulfilled by the one that waits, for that one looks at the store after the wish was made.
 */
public final class RunQueue {

  /** Restores and the like go on beside these, each on files of its own. */
  private static final Set<Operation> TAKE_TURNS = EnumSet.of(Operation.SYNC, Operation.PURGE);

  private final Set<Operation> operations;
  private final Catalog catalog;
  private final EventBus events;
  private final Supplier<RunId> ids;
  private final Clock clock;
  private final Semaphore turn = new Semaphore(1, true);
  private final Deque<Waiting> waiting = new ArrayDeque<>(4);
  private final Set<Operation> turnedAway = EnumSet.noneOf(Operation.class);
  private Optional<RunBook> running = Optional.empty();
  private boolean stopping;
  private boolean held;

  private record Waiting(RunRow row, RunWish wish) {}

  /** For the runs that look at the store or take files from it. */
  public RunQueue(Catalog catalog, EventBus events, Supplier<RunId> ids, Clock clock) {
    this(TAKE_TURNS, catalog, events, ids, clock);
  }

  /** For the runs of one operation, which go on beside all others. */
  public RunQueue(
      Operation operation, Catalog catalog, EventBus events, Supplier<RunId> ids, Clock clock) {
    this(EnumSet.of(operation), catalog, events, ids, clock);
  }

  private RunQueue(
      Set<Operation> operations,
      Catalog catalog,
      EventBus events,
      Supplier<RunId> ids,
      Clock clock) {
    this.operations = operations;
    this.catalog = catalog;
    this.events = events;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * Takes a wish; the caller then wakes the consumer of the operation's requests.
   *
   * @throws OtherTermsException when a run of this operation waits that was asked for on other
   *     terms: it cannot fulfil this wish, and no more than one waits
   */
  public synchronized RunTicket request(RunWish wish) {
    for (Waiting each : waiting) {
      boolean same = each.wish.operation() == wish.operation();
      if (same && each.wish.dryRun() == wish.dryRun()) {
        if (!each.wish.terms().equals(wish.terms())) {
          throw new OtherTermsException(each.row);
        }
        return new RunTicket(each.row.id(), RunTicket.Status.ALREADY_RUNNING);
      }
    }
    boolean free = running.isEmpty() && waiting.isEmpty();
    RunRow row = insert(wish);
    waiting.addLast(new Waiting(row, wish));
    return new RunTicket(row.id(), free ? RunTicket.Status.STARTED : RunTicket.Status.QUEUED);
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

  private RunRow insert(RunWish wish) {
    RunRow row =
        new RunRow(
            ids.get(),
            wish.operation(),
            wish.trigger(),
            RunState.QUEUED,
            wish.dryRun(),
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
   * Waits for its turn and begins the run of this operation that waits, or a new one.
   *
   * @param otherwise what is begun when none waits
   * @throws InterruptedException when the thread is asked to stop while it waits
   * @throws HeldException while no run may begin; the caller's wish is kept
   */
  public Begun begin(RunWish otherwise) throws InterruptedException {
    turn.acquire();
    boolean begun = false;
    try {
      synchronized (this) {
        if (stopping) {
          throw new InterruptedException("Caravan is stopping");
        }
        if (held) {
          turnedAway.add(otherwise.operation());
          throw new HeldException();
        }
        Waiting next = poll(otherwise.operation()).orElseGet(() -> unasked(otherwise));
        endLost();
        RunRow row = next.row;
        catalog.commit(session -> catalog.runs().recordBegin(session, row.id(), clock.millis()));
        tell(row, RunState.RUNNING);
        RunBook book = new RunBook(catalog, events, row.id(), row.operation(), clock);
        running = Optional.of(book);
        begun = true;
        return new Begun(book, next.wish);
      }
    } finally {
      if (!begun) {
        turn.release();
      }
    }
  }

  private Optional<Waiting> poll(Operation operation) {
    Optional<Waiting> next =
        waiting.stream().filter(each -> each.wish.operation() == operation).findFirst();
    next.ifPresent(waiting::remove);
    return next;
  }

  private Waiting unasked(RunWish wish) {
    return new Waiting(insert(wish), wish);
  }

  /** The turn is ours, so none runs: one that says so met a full disk at its end. */
  private void endLost() {
    for (Operation operation : operations) {
      List<RunRow> lost =
          catalog.runs().list(Optional.of(operation), Optional.of(RunState.RUNNING), 10);
      if (!lost.isEmpty()) {
        catalog.commit(session -> catalog.runs().recordLost(session, operation, clock.millis()));
        lost.forEach(each -> tell(each, RunState.FAILED));
      }
    }
  }

  /** A run that has its turn, and what was wished for. */
  public record Begun(RunBook book, RunWish wish) {

    public Trigger trigger() {
      return wish.trigger();
    }

    public boolean dryRun() {
      return wish.dryRun();
    }
  }

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
    return running.isPresent() || !waiting.isEmpty();
  }

  /** True while a run of this operation waits for its turn. */
  public synchronized boolean hasWaiting(Operation operation) {
    return waiting.stream().anyMatch(each -> each.wish.operation() == operation);
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
    Optional<Waiting> dropped =
        waiting.stream().filter(each -> each.row.id().equals(id)).findFirst();
    dropped.ifPresent(each -> drop(each.row));
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
   * @return the operations of which one was turned away meanwhile, or waits: the caller wakes their
   *     consumers
   */
  public synchronized Set<Operation> release() {
    Set<Operation> wanted = EnumSet.noneOf(Operation.class);
    if (held) {
      wanted.addAll(turnedAway);
      waiting.forEach(each -> wanted.add(each.wish.operation()));
    }
    held = false;
    turnedAway.clear();
    return wanted;
  }

  /** No run may begin at this moment. */
  public static final class HeldException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    HeldException() {
      super("No run begins while routes are exchanged");
    }
  }

  /** A run waits that was asked for on other terms. */
  public static final class OtherTermsException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    OtherTermsException(RunRow waiting) {
      super(
          "Another %s waits that was asked for on other terms (run %s): wait for it, or cancel it"
              .formatted(waiting.operation().label(), waiting.id()));
    }
  }
}
