package dev.caravan.arch.sample.store;

import dev.caravan.arch.sample.sync.LoggingPlanner;

/** Breaks a rule on purpose: looks upstairs. */
public final class UpwardStore {
  public String look(LoggingPlanner upstairs) {
    return upstairs.toString();
  }
}
