package dev.caravan.check;

import dev.caravan.catalog.turn.RunMeters;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** Counts checks and what they find. No name of a file is ever a label. */
public final class CheckMeters {

  private final MeterRegistry registry;
  private final RunMeters runs;

  public CheckMeters(MeterRegistry registry) {
    this.registry = registry;
    this.runs = RunMeters.prepared(registry, Operation.CHECK);
    for (CheckReason reason : CheckReason.values()) {
      if (reason.isDifference()) {
        differences("", reason);
      }
    }
  }

  /**
   * Something is not as it should be.
   *
   * @param remote {@code ""} for the store itself
   */
  void different(String remote, CheckReason reason) {
    differences(remote, reason).increment();
  }

  private Counter differences(String remote, CheckReason reason) {
    return Counter.builder("caravan.check.differences")
        .description("What checks found that is not as it should be")
        .tag("remote", remote)
        .tag("reason", reason.label())
        .register(registry);
  }

  /** A check ended. */
  void ended(RunState state, Duration took) {
    runs.ended(state, took);
  }
}
