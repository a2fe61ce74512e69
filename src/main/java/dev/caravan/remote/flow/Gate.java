package dev.caravan.remote.flow;

import dev.caravan.event.Caller;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Where every call to one remote passes: it waits until the {@link Window} has room, and is refused
 * while the {@link Breaker} of its kind is open. An upload may hold its place for hours, so a few
 * places are kept for those who read, and a remote that cannot take anything may still give.
 * Thread-safe.
 */
final class Gate {

  /** Someone else's probe decides soon; a call that waits for it looks again this often. */
  private static final long LOOK_MILLIS = 100;

  /** Whoever reads is not kept waiting for longer. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** One in so many places is kept for those who read. */
  private static final int KEPT_ONE_IN = 4;

  /** What a call is for. */
  enum Kind {
    /** Changes something there, and may last. */
    WRITE,
    /** Reads something, and is answered soon. */
    READ,
    /** Reads and lasts, and whoever visits may call the remote as well: takes no place. */
    VISIT
  }

  /** How a call ended, as far as it says something of the remote. */
  enum Answer {
    GOOD,
    BAD,
    /** Nothing can be told from it: the caller's file changed, or it was cancelled. */
    NEUTRAL
  }

  /** What a call was let through for. */
  enum Pass {
    CALL,
    PROBE
  }

  /** Why a call is not let through. */
  enum Refusal {
    LEFT_ALONE,
    BUSY,
    CLOSED,
    /** Nobody wants its answer any more. */
    CANCELLED
  }

  /** A call is not let through. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Optional<Duration> left;
    private final Refusal why;

    private RefusedException(Refusal why, Optional<Duration> left) {
      super("refused", null, false, false);
      this.left = left;
      this.why = why;
    }

    Refusal why() {
      return why;
    }

    /** How long it is left alone still; empty when that is not the reason. */
    Optional<Duration> left() {
      return left;
    }
  }

  private final LongSupplier nanos;
  private final Room room;
  private final Window window;
  private final Breaker writing;
  private final Breaker reading;
  private int inFlight;
  private int reads;
  private int lasting;
  private int waiting;
  private int waitingReads;
  private boolean closed;

  /**
   * @param room how many calls at once
   * @param nanos a time that only grows
   */
  Gate(Room room, LongSupplier nanos) {
    this.nanos = nanos;
    this.room = room;
    this.window = new Window(room, nanos.getAsLong());
    this.writing = new Breaker(room.patience());
    this.reading = new Breaker(room.patience());
  }

  /** Waits for room and takes it; {@link #leave} gives it back. */
  synchronized Pass enter(Kind kind) throws RefusedException, InterruptedException {
    boolean entered = false;
    try {
      Pass pass = awaitRoom(kind);
      entered = true;
      return pass;
    } finally {
      if (!entered) {
        // It may have been woken for room that somebody else can take now.
        wake();
      }
    }
  }

  private synchronized Pass awaitRoom(Kind kind) throws RefusedException, InterruptedException {
    long began = nanos.getAsLong();
    while (true) {
      if (closed) {
        throw new RefusedException(Refusal.CLOSED, Optional.empty());
      }
      long now = nanos.getAsLong();
      switch (verdict(kind, now)) {
        case PASS -> {
          take(kind, 1);
          return Pass.CALL;
        }
        case PROBE -> {
          take(kind, 1);
          return Pass.PROBE;
        }
        case REFUSE ->
            throw new RefusedException(
                Refusal.LEFT_ALONE, Optional.of(Duration.ofNanos(breaker(kind).leftNanos(now))));
        case WAIT -> {
          if (kind != Kind.WRITE && now - began > LONGEST_WAIT.toNanos()) {
            throw new RefusedException(Refusal.BUSY, Optional.empty());
          }
          if (Caller.isGone()) {
            throw new RefusedException(Refusal.CANCELLED, Optional.empty());
          }
          waits(kind, 1);
          try {
            wait(LOOK_MILLIS);
          } finally {
            waits(kind, -1);
          }
        }
      }
    }
  }

  private void waits(Kind kind, int by) {
    waiting += by;
    waitingReads += kind == Kind.READ ? by : 0;
  }

  /**
   * Wakes as many as there is room for: all who wait, for each call that ends, would cost more than
   * the call. Where they do not wait for the same, all look.
   */
  private synchronized void wake() {
    boolean healthy =
        writing.state() == Breaker.State.CLOSED && reading.state() == Breaker.State.CLOSED;
    if (!healthy || waitingReads > 0) {
      notifyAll();
      return;
    }
    for (int free = Math.min(waiting, window.size() - inFlight); free > 0; free--) {
      notify();
    }
  }

  private Breaker.Verdict verdict(Kind kind, long now) {
    Breaker breaker = breaker(kind);
    return isFree(kind) || breaker.state() != Breaker.State.CLOSED
        ? breaker.ask(now)
        : Breaker.Verdict.WAIT;
  }

  private boolean isFree(Kind kind) {
    if (kind == Kind.VISIT || inFlight < window.size()) {
      return true;
    }
    window.full();
    return kind == Kind.READ && reads < Math.max(1, room.usual() / KEPT_ONE_IN);
  }

  private void take(Kind kind, int by) {
    inFlight += kind == Kind.VISIT ? 0 : by;
    reads += kind == Kind.READ ? by : 0;
    lasting += kind == Kind.VISIT ? by : 0;
  }

  private Breaker breaker(Kind kind) {
    return kind == Kind.WRITE ? writing : reading;
  }

  /** A place for one more request of a call that is under way, if there is one now. */
  synchronized boolean takePlace() {
    if (closed || !isFree(Kind.WRITE) || writing.state() != Breaker.State.CLOSED) {
      return false;
    }
    take(Kind.WRITE, 1);
    return true;
  }

  /** Gives it back. */
  synchronized void givePlace() {
    take(Kind.WRITE, -1);
    wake();
  }

  /** True when more is under way than the remote bears. */
  synchronized boolean isCrowded() {
    return inFlight > window.size();
  }

  /** A stream was opened, or was closed: it takes no place, but is under way. */
  synchronized void stream(int by) {
    lasting += by;
  }

  /** True while anything is under way. */
  synchronized boolean isBusy() {
    return inFlight + lasting > 0;
  }

  /** What became of the breaker by an answer. */
  enum Change {
    NONE,
    OPENED,
    CLOSED
  }

  /**
   * Gives the room back and learns from the answer.
   *
   * @param asked how long the remote asked to be left alone
   */
  synchronized Change leave(Kind kind, Pass pass, Answer answer, Duration asked) {
    take(kind, -1);
    return learn(kind, pass, answer, asked);
  }

  /** Learns from an answer of a call that goes on. */
  synchronized Change learn(Kind kind, Pass pass, Answer answer, Duration asked) {
    Change change = learnt(kind, pass, answer, asked);
    wake();
    return change;
  }

  private Change learnt(Kind kind, Pass pass, Answer answer, Duration asked) {
    long now = nanos.getAsLong();
    Breaker breaker = breaker(kind);
    return switch (answer) {
      case GOOD -> {
        window.answered(false, now);
        yield breaker.good(pass == Pass.PROBE) ? Change.CLOSED : Change.NONE;
      }
      case BAD -> {
        window.answered(true, now);
        boolean opened = breaker.bad(pass == Pass.PROBE, now, asked.toNanos());
        yield opened ? Change.OPENED : Change.NONE;
      }
      case NEUTRAL -> {
        breaker.unknown(pass == Pass.PROBE, now);
        yield Change.NONE;
      }
    };
  }

  /** The next call of either kind finds out whether the remote answers again. */
  synchronized void tryAgain() {
    long now = nanos.getAsLong();
    writing.tryAgain(now);
    reading.tryAgain(now);
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized FlowState state() {
    Breaker breaker = writing.state() == Breaker.State.CLOSED ? reading : writing;
    return new FlowState(
        window.size(),
        room.usual(),
        room.most(),
        inFlight,
        breaker.state().name().toLowerCase(java.util.Locale.ROOT),
        Duration.ofNanos(breaker.leftNanos(nanos.getAsLong())));
  }
}
