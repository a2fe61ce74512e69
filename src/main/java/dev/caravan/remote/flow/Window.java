package dev.caravan.remote.flow;

/**
 * How many calls a remote bears at once, found out from its answers: one more after each round
 * without a complaint, half as many after a round with one. Whether the step was right is seen in
 * the next round: where half the calls bring half the answers, the complaints have nothing to do
 * with how many there are, and the step is taken back; the other way is tried later.
 *
 * <p>Beyond what is usual it doubles, each time kept only where that brings more answers: so it
 * does at a remote that is far away, and not at one that has its hands full. Not thread-safe; knows
 * no clock but the times it is told.
 */
final class Window {

  private static final int FIRST = 16;
  private static final int ROUND_CALLS = 10;
  private static final long ROUND_NANOS = 100_000_000;

  /** Rounds with complaints in which nothing is tried after a step was taken back. */
  private static final int REST = 8;

  private static final double UP = 1.5;
  private static final double DOWN = 0.5;

  /** How much of what could be had at best by a window beyond the usual has to come. */
  private static final double WORTH = 0.25;

  /** Answers come steadily when a round brings no more than the best before, give or take. */
  private static final double STEADY = 0.2;

  /** Rounds until more than before is tried again, doubled each time that it brought nothing. */
  private static final int SHORT_BREAK = 2;

  private static final int LONG_BREAK = 64;

  /** What was found out beyond the usual is forgotten when nothing was answered for so long. */
  private static final long LONG_QUIET_NANOS = 10_000_000_000L;

  private final Room room;
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
  private boolean stretched;
  private boolean secondChance;
  private double steadyRate;
  private int unseen;
  private int nextBreak = SHORT_BREAK;
  private int breakLeft;
  private long answeredAt;

  Window(Room room, long nowNanos) {
    this.room = room;
    this.size = Math.min(room.usual(), FIRST);
    this.roundBegan = nowNanos;
    this.answeredAt = nowNanos;
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
    if (nowNanos - answeredAt > LONG_QUIET_NANOS && (stretched || size > room.usual())) {
      forget(nowNanos);
    }
    answeredAt = nowNanos;
    if (unseen > 0 && !complaint) {
      // Asked before the window was stretched: tells nothing of how it is now.
      unseen--;
      roundBegan = nowNanos;
      return;
    }
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
    if (stretched) {
      judgeStretch(rate);
    } else if (sizeBefore > 0) {
      judge(rate);
    } else if (bad == 0) {
      grow(rate);
    } else if (good == 0) {
      shrink();
    } else if (rest > 0) {
      rest--;
    } else {
      attempt(rate);
    }
  }

  private void grow(double rate) {
    if (!full) {
      return;
    }
    if (size < room.usual()) {
      size = Math.min(room.usual(), doubling ? size * 2 : size + 1);
      return;
    }
    boolean steady = rate <= steadyRate * (1 + STEADY);
    steadyRate = Math.max(steadyRate, rate);
    if (breakLeft > 0) {
      breakLeft--;
    } else if (steady) {
      stretch(steadyRate);
    }
  }

  private void stretch(double rate) {
    double wanted = Math.min(room.most(), size * 2);
    if (wanted > size) {
      stretched = true;
      secondChance = true;
      sizeBefore = size;
      rateBefore = rate;
      unseen = size();
      size = wanted;
    }
  }

  /**
   * One that is kept is stretched again at once. One that brought too little has a second round: a
   * pause of this process, or new connections, say nothing of the remote.
   */
  private void judgeStretch(double rate) {
    double worth = rateBefore * (1 + (size / sizeBefore - 1) * WORTH);
    boolean kept = full && bad == 0 && rate >= worth;
    if (!kept && full && bad == 0 && secondChance) {
      secondChance = false;
      return;
    }
    double before = sizeBefore;
    stretched = false;
    sizeBefore = 0;
    if (kept) {
      nextBreak = SHORT_BREAK;
      steadyRate = rate;
      stretch(rate);
      return;
    }
    size = before;
    steadyRate = 0;
    breakLeft = nextBreak;
    nextBreak = Math.min(LONG_BREAK, nextBreak * 2);
  }

  private void forget(long nowNanos) {
    size = Math.min(size, room.usual());
    stretched = false;
    unseen = 0;
    sizeBefore = 0;
    steadyRate = 0;
    breakLeft = 0;
    nextBreak = SHORT_BREAK;
    roundBegan = nowNanos;
    good = 0;
    bad = 0;
  }

  private void shrink() {
    doubling = false;
    size = Math.max(1, size * DOWN);
  }

  private void attempt(double rate) {
    doubling = false;
    double wanted = Math.max(1, Math.min(Math.max(room.usual(), size), size * step));
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
    if (rate < border) {
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
