package dev.caravan.remote.flow;

/**
 * Leaves a remote alone that has failed many calls in a row, for a while that doubles, and then
 * lets one call through to find out. Not thread-safe; knows no clock but the times it is told.
 */
final class Breaker {

  /** Where it stands. */
  enum State {
    /** Calls pass. */
    CLOSED,
    /** Calls are refused. */
    OPEN,
    /** One call finds out; the others wait for it. */
    HALF_OPEN
  }

  /** What is to become of a call. */
  enum Verdict {
    PASS,
    /** This one finds out whether the remote works again. */
    PROBE,
    WAIT,
    REFUSE
  }

  private static final long FIRST_NANOS = 1_000_000_000L;
  private static final long LONGEST_NANOS = 8_000_000_000L;

  /** A call that is to find out and lasts longer does not hold up all the others: one more may. */
  private static final long PROBE_NANOS = 10_000_000_000L;

  private final int patience;
  private State state = State.CLOSED;
  private int failures;
  private long coolingNanos = FIRST_NANOS;
  private long until;
  private long restUntil;
  private long probedAt;

  /**
   * @param patience failures in a row after which the remote is left alone
   */
  Breaker(int patience) {
    this.patience = patience;
  }

  State state() {
    return state;
  }

  /** What is to become of a call that is about to be made. */
  Verdict ask(long nowNanos) {
    return switch (state) {
      case CLOSED -> Verdict.PASS;
      case HALF_OPEN -> nowNanos - probedAt < PROBE_NANOS ? Verdict.WAIT : probed(nowNanos);
      case OPEN -> until - nowNanos > 0 ? Verdict.REFUSE : probed(nowNanos);
    };
  }

  private Verdict probed(long nowNanos) {
    state = State.HALF_OPEN;
    probedAt = nowNanos;
    return Verdict.PROBE;
  }

  /** How long it is left alone still. */
  long leftNanos(long nowNanos) {
    return state == State.OPEN ? Math.max(0, until - nowNanos) : 0;
  }

  /**
   * The remote answered as it should; true when it was left alone until now.
   *
   * @param probe the call was to find out; what was under way before says nothing of now
   */
  boolean good(boolean probe) {
    if (state == State.CLOSED) {
      failures = 0;
      return false;
    }
    if (!probe || state == State.OPEN) {
      return false;
    }
    state = State.CLOSED;
    failures = 0;
    coolingNanos = FIRST_NANOS;
    return true;
  }

  /**
   * A call failed; true when the remote is left alone from now on.
   *
   * @param probe the call was to find out
   * @param askedNanos how long the remote asked to be left alone; 0 when it did not
   */
  boolean bad(boolean probe, long nowNanos, long askedNanos) {
    failures++;
    // What was under way when it opened says nothing new.
    boolean opens =
        state == State.CLOSED ? failures >= patience : probe && state == State.HALF_OPEN;
    if (opens) {
      boolean first = state == State.CLOSED;
      state = State.OPEN;
      restUntil = nowNanos + askedNanos;
      until = nowNanos + Math.max(coolingNanos, askedNanos);
      coolingNanos = Math.min(LONGEST_NANOS, coolingNanos * 2);
      return first;
    }
    return false;
  }

  /** Someone has a reason to find out now: the next call may, unless the remote asked for rest. */
  void tryAgain(long nowNanos) {
    if (state == State.OPEN) {
      until = Math.max(nowNanos, restUntil);
    }
  }

  /** The call that was to find out was cancelled: another may. */
  void unknown(boolean probe, long nowNanos) {
    if (probe && state == State.HALF_OPEN) {
      state = State.OPEN;
      until = nowNanos;
    }
  }
}
