package dev.caravan.restore;

import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts files that were brought back, those that could not be, and how runs ended. */
public final class RestoreMeters {

  private final MeterRegistry registry;
  private final Counter restored;
  private final Counter failed;

  public RestoreMeters(MeterRegistry registry) {
    this.registry = registry;
    this.restored = counter(registry, "restored");
    this.failed = counter(registry, "failed");
    for (RunState state : RunState.values()) {
      if (state.isEnded()) {
        runs(state);
      }
    }
    duration();
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
    runs(state).increment();
    duration().record(took);
  }

  private Counter runs(RunState state) {
    return Counter.builder("caravan.runs")
        .description("Runs that ended, by how they ended; dry runs do not count")
        .tag("operation", Operation.RESTORE.label())
        .tag("state", state.label())
        .register(registry);
  }

  private Timer duration() {
    return Timer.builder("caravan.run.duration")
        .description("How long runs took")
        .tag("operation", Operation.RESTORE.label())
        .register(registry);
  }
}
