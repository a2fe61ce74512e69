package dev.caravan.catalog.turn;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.EventBus;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
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
  private final RunRecords rows;
  private final Semaphore turn = new Semaphore(1, true);
  private final Deque<Waiting> waiting = new ArrayDeque<>(4);
  private final Set<RunHold> holds = new HashSet<>();
  private Optional<RunBook> running = Optional.empty();
  private boolean stopping;

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
    this.rows = new RunRecords(catalog, events, ids, clock);
  }

  /**
   * Takes a wish; the caller then wakes the consumer of the operation's requests.
   *
   * @throws OtherTermsException when a run of this operation waits that was asked for on other
   *     terms: it cannot fulfil this wish, and no more than one waits
   */
  public synchronized RunTicket request(RunWish wish) {
    for (Waiting each : waiting) {
      if (each.wish.isLike(wish)) {
        if (!each.wish.isMetBy(wish)) {
          throw new OtherTermsException(each.row);
        }
        return new RunTicket(each.row.id(), RunTicket.Status.ALREADY_RUNNING);
      }
    }
    boolean free = running.isEmpty() && waiting.isEmpty();
    Waiting added = unasked(wish);
    waiting.addLast(added);
    return new RunTicket(added.row.id(), free ? RunTicket.Status.STARTED : RunTicket.Status.QUEUED);
  }

  /**
   * Waits for its turn and begins exactly this: the run that waits on the same terms, or a new one.
   * What others wished for goes on waiting.
   *
   * @throws InterruptedException when the thread is asked to stop while it waits
   * @throws HeldException while no run may begin; the wish waits, unless one of its kind does
   */
  public Begun beginOwn(RunWish own) throws InterruptedException {
    return take(own::isMetBy, Optional.of(own)).orElseThrow();
  }

  /**
   * Begins the run of this operation that waits, when its turn comes.
   *
   * @return empty when none waits (any more)
   * @throws InterruptedException when the thread is asked to stop while it waits
   * @throws HeldException while no run may begin
   */
  public Optional<Begun> beginWaiting(Operation operation) throws InterruptedException {
    return hasWaiting(operation)
        ? take(wish -> wish.operation() == operation, Optional.empty())
        : Optional.empty();
  }

  private Optional<Begun> take(Predicate<RunWish> fits, Optional<RunWish> otherwise)
      throws InterruptedException {
    turn.acquire();
    Optional<Begun> begun = Optional.empty();
    try {
      synchronized (this) {
        if (stopping) {
          throw new InterruptedException("Caravan is stopping");
        }
        if (isHeld()) {
          otherwise.ifPresent(this::keep);
          throw new HeldException();
        }
        begun = poll(fits).or(() -> otherwise.map(this::unasked)).map(this::begun);
      }
    } finally {
      if (begun.isEmpty()) {
        turn.release();
      }
    }
    return begun;
  }

  private Optional<Waiting> poll(Predicate<RunWish> fits) {
    Optional<Waiting> next = waiting.stream().filter(each -> fits.test(each.wish)).findFirst();
    next.ifPresent(waiting::remove);
    return next;
  }

  private Waiting unasked(RunWish wish) {
    return new Waiting(rows.insert(wish), wish);
  }

  /** It waits like one that was asked for: who lets runs begin again wakes only what waits. */
  private void keep(RunWish wish) {
    if (waiting.stream().noneMatch(each -> each.wish.isLike(wish))) {
      waiting.addLast(unasked(wish));
    }
  }

  private Begun begun(Waiting next) {
    // The turn is ours, so none runs: one that says so met a full disk at its end.
    rows.endLost(operations);
    RunBook book = rows.begin(next.row);
    running = Optional.of(book);
    return new Begun(book, next.wish);
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
    dropped.ifPresent(each -> rows.drop(each.row));
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
   * Lets no run begin until this hold is closed, so that what runs are made of can be exchanged.
   * Several may be open at the same time.
   */
  public synchronized RunHold hold() {
    RunHold hold = new RunHold(this);
    holds.add(hold);
    return hold;
  }

  public synchronized boolean isHeld() {
    return !holds.isEmpty();
  }

  /** Ends one hold; the operations of what waits, when it was the last. */
  synchronized Set<Operation> release(RunHold hold) {
    Set<Operation> wanted = EnumSet.noneOf(Operation.class);
    if (holds.remove(hold) && holds.isEmpty()) {
      waiting.forEach(each -> wanted.add(each.wish.operation()));
    }
    return wanted;
  }

  /** No run may begin at this moment. */
  public static final class HeldException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    HeldException() {
      super("No run begins while what runs are made of is exchanged");
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
