package dev.caravan.arch.sample.sync;

import java.time.Clock;

/** Breaks a rule on purpose: a planner with a clock. */
public final class ClockPlanner {
  public long plan(Clock clock) {
    return clock.millis();
  }
}
