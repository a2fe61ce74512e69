package dev.caravan.remote.flow;

import dev.caravan.remote.RetryingRemote;
import java.util.function.LongSupplier;

/**
 * Lets at most every second call be followed by another try, on the long run: a remote that fails
 * most calls must not be asked five times for each. What is not tried again at once is tried again
 * by a later cycle.
 */
final class RetryBudget implements RetryingRemote.Allowance {

  private static final double PER_CALL = 0.5;
  private static final double PER_SECOND = 1;

  private final double most;
  private final LongSupplier nanos;
  private double left;
  private long lookedAt;
  private long refused;

  /**
   * @param most tries that may be saved up
   * @param nanos a time that only grows
   */
  RetryBudget(int most, LongSupplier nanos) {
    this.most = most;
    this.nanos = nanos;
    this.left = most;
    this.lookedAt = nanos.getAsLong();
  }

  @Override
  public synchronized void succeeded() {
    left = Math.min(most, left + PER_CALL);
  }

  @Override
  public synchronized boolean take() {
    long now = nanos.getAsLong();
    left = Math.min(most, left + (now - lookedAt) / 1e9 * PER_SECOND);
    lookedAt = now;
    if (left < 1) {
      refused++;
      return false;
    }
    left -= 1;
    return true;
  }

  /** How often nothing was left. */
  synchronized long refused() {
    return refused;
  }
}
