package dev.caravan.arch.sample.sync;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Breaks a rule on purpose: a planner that logs. */
public final class LoggingPlanner {
  private static final Logger LOG = LoggerFactory.getLogger(LoggingPlanner.class);

  public void plan() {
    LOG.info("planned");
  }
}
