package dev.caravan.restore;

import dev.caravan.catalog.turn.RunMeters;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** Counts files that were brought back, those that could not be, and how runs ended. */
public final class RestoreMeters {

  private final RunMeters runs;
  private final Counter restored;
  private final Counter failed;

  public RestoreMeters(MeterRegistry registry) {
    this.restored = counter(registry, "restored");
    this.failed = counter(registry, "failed");
    this.runs = RunMeters.prepared(registry, Operation.RESTORE);
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder("caravan.restores")
        .description("Files brought back, and those that could not be")
        .tag("outcome", outcome)
        .register(registry);
  }

  void restored() {
    restored.increment();
  }

  void failed() {
    failed.increment();
  }

  /** A run ended. */
  void ended(RunState state, Duration took) {
    runs.ended(state, took);
  }
}
