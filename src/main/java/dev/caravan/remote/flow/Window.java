package dev.caravan.remote.flow;

/**
 * How many calls a remote bears at once, found out from its answers: one more after each round
 * without a complaint, half as many after a round with one. Whether the step was right is seen in
 * the next round: where half the calls bring half the answers, the complaints have nothing to do
 * with how many there are, and the step is taken back; the other way is tried later. Not
 * thread-safe; knows no clock but the times it is told.
 */
final class Window {

  private static final int FIRST = 16;
  private static final int ROUND_CALLS = 10;
  private static final long ROUND_NANOS = 100_000_000;

  /** Rounds with complaints in which nothing is tried after a step was taken back. */
  private static final int REST = 8;

  private static final double UP = 1.5;
  private static final double DOWN = 0.5;

  private final int ceiling;
  private double size;
  private boolean doubling = true;
  private boolean full;
  private long roundBegan;
  private long good;
  private long bad;
  private double step = DOWN;
  private int rest;
  private double sizeBefore;
  private double rateBefore;

  /**
   * @param ceiling most calls at once, at least 1
   */
  Window(int ceiling, long nowNanos) {
    if (ceiling < 1) {
      throw new IllegalArgumentException("A window needs room for one call");
    }
    this.ceiling = ceiling;
    this.size = Math.min(ceiling, FIRST);
    this.roundBegan = nowNanos;
  }

  /** Calls that may be under way at once; at least 1. */
  int size() {
    return (int) size;
  }

  /** As many were under way as may be: only then is a wider window of use. */
  void full() {
    full = true;
  }

  /**
   * A call was answered.
   *
   * @param complaint the remote asked to slow down, failed inside or did not answer in time
   */
  void answered(boolean complaint, long nowNanos) {
    if (complaint) {
      bad++;
    } else {
      good++;
    }
    long took = nowNanos - roundBegan;
    if (good + bad >= Math.max(ROUND_CALLS, size()) && took >= ROUND_NANOS) {
      endRound(good * 1e9 / took);
      roundBegan = nowNanos;
      good = 0;
      bad = 0;
      full = false;
    }
  }

  private void endRound(double rate) {
    if (sizeBefore > 0) {
      judge(rate);
    } else if (bad == 0) {
      grow();
    } else if (good == 0) {
      shrink();
    } else if (rest > 0) {
      rest--;
    } else {
      attempt(rate);
    }
  }

  private void grow() {
    if (full) {
      size = Math.min(ceiling, doubling ? size * 2 : size + 1);
    }
  }

  private void shrink() {
    doubling = false;
    size = Math.max(1, size * DOWN);
  }

  private void attempt(double rate) {
    doubling = false;
    double wanted = Math.max(1, Math.min(ceiling, size * step));
    if (wanted == size) {
      turn();
      return;
    }
    sizeBefore = size;
    rateBefore = rate;
    size = wanted;
  }

  /** Were the answers fewer (or more) in step with the calls, or do they come as before? */
  private void judge(double rate) {
    double inStep = size / sizeBefore;
    double border = rateBefore * (1 + inStep) / 2;
    boolean kept = rate >= border;
    if (!kept) {
      size = sizeBefore;
      turn();
    } else if (good == 0) {
      shrink();
    }
    sizeBefore = 0;
  }

  private void turn() {
    step = step == DOWN ? UP : DOWN;
    rest = REST;
  }
}
