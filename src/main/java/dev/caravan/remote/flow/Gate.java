package dev.caravan.remote.flow;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Where every call to one remote passes: it waits until the {@link Window} has room, and is refused
 * while the {@link Breaker} is open. Thread-safe.
 */
final class Gate {

  private static final int PATIENCE_LEAST = 10;
  private static final int PATIENCE_MOST = 64;

  /** Someone else's probe decides soon; a call that waits for it looks again this often. */
  private static final long LOOK_MILLIS = 100;

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

  /** The remote is left alone, or is being closed. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Optional<Duration> left;

    RefusedException(Optional<Duration> left) {
      super("refused", null, false, false);
      this.left = left;
    }

    /** How long it is left alone still; empty when it is closed for good. */
    Optional<Duration> left() {
      return left;
    }
  }

  private final LongSupplier nanos;
  private final int ceiling;
  private final Window window;
  private final Breaker breaker;
  private int inFlight;
  private boolean closed;

  /**
   * @param ceiling most calls at once
   * @param nanos a time that only grows
   */
  Gate(int ceiling, LongSupplier nanos) {
    this.nanos = nanos;
    this.ceiling = ceiling;
    this.window = new Window(ceiling, nanos.getAsLong());
    this.breaker = new Breaker(Math.max(PATIENCE_LEAST, Math.min(PATIENCE_MOST, 2 * ceiling)));
  }

  /**
   * Waits for room and takes it; {@link #leave} gives it back.
   *
   * @param room false for a call that lasts, such as a listing: it may pass, but takes no room
   */
  synchronized Pass enter(boolean room) throws RefusedException, InterruptedException {
    while (true) {
      if (closed) {
        throw new RefusedException(Optional.empty());
      }
      boolean free = !room || inFlight < window.size();
      if (!free) {
        window.full();
      }
      switch (free || breaker.state() != Breaker.State.CLOSED
          ? breaker.ask(nanos.getAsLong())
          : Breaker.Verdict.WAIT) {
        case PASS -> {
          inFlight += room ? 1 : 0;
          return Pass.CALL;
        }
        case PROBE -> {
          inFlight += room ? 1 : 0;
          return Pass.PROBE;
        }
        case REFUSE ->
            throw new RefusedException(
                Optional.of(Duration.ofNanos(breaker.leftNanos(nanos.getAsLong()))));
        case WAIT -> wait(LOOK_MILLIS);
      }
    }
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
  synchronized Change leave(Pass pass, boolean room, Answer answer, Duration asked) {
    inFlight -= room ? 1 : 0;
    notifyAll();
    return learn(pass, answer, asked);
  }

  /** Learns from an answer of a call that goes on. */
  synchronized Change learn(Pass pass, Answer answer, Duration asked) {
    long now = nanos.getAsLong();
    return switch (answer) {
      case GOOD -> {
        window.answered(false, now);
        yield breaker.good() ? Change.CLOSED : Change.NONE;
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

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized FlowState state() {
    return new FlowState(
        window.size(),
        ceiling,
        inFlight,
        breaker.state().name().toLowerCase(java.util.Locale.ROOT),
        Duration.ofNanos(breaker.leftNanos(nanos.getAsLong())));
  }
}
