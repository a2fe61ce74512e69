package dev.caravan.sync;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** When to try again after failures: doubling, with a ceiling and full jitter in the upper half. */
final class RetryTimes {

  private final Duration base;
  private final Duration ceiling;
  private final RandomGenerator random;

  RetryTimes(Duration base, Duration ceiling, RandomGenerator random) {
    this.base = base;
    this.ceiling = ceiling;
    this.random = random;
  }

  /**
   * @param failures how many tries in a row have failed, from 1
   * @return between half of the doubled wait and all of it
   */
  Duration after(int failures) {
    int doublings = Math.min(Math.max(failures - 1, 0), 20);
    long wait = Math.min(base.toMillis() << doublings, ceiling.toMillis());
    return Duration.ofMillis(wait / 2 + random.nextLong(wait / 2 + 1));
  }
}
