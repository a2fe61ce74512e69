package dev.caravan.restore;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts files that were brought back, and those that could not be. */
public final class RestoreMeters {

  private final Counter restored;
  private final Counter failed;

  public RestoreMeters(MeterRegistry registry) {
    this.restored = counter(registry, "restored");
    this.failed = counter(registry, "failed");
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
}
