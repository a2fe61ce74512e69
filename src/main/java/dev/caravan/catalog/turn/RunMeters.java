package dev.caravan.catalog.turn;

import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts the runs of one operation that ended, and says how long they took. */
public final class RunMeters {

  private static final String OPERATION = "operation";

  private final MeterRegistry registry;
  private final Operation operation;

  /** The meters appear with the first run that ends. */
  public RunMeters(MeterRegistry registry, Operation operation) {
    this.registry = registry;
    this.operation = operation;
  }

  /** With all meters there at once, at zero. */
  public static RunMeters prepared(MeterRegistry registry, Operation operation) {
    RunMeters meters = new RunMeters(registry, operation);
    for (RunState state : RunState.values()) {
      if (state.isEnded()) {
        meters.runs(state);
      }
    }
    meters.duration();
    return meters;
  }

  /** A run ended; dry runs are not told of. */
  public void ended(RunState state, Duration took) {
    runs(state).increment();
    duration().record(took);
  }

  private Counter runs(RunState state) {
    return Counter.builder("caravan.runs")
        .description("Runs that ended, by how they ended; dry runs do not count")
        .tag(OPERATION, operation.label())
        .tag("state", state.label())
        .register(registry);
  }

  private Timer duration() {
    return Timer.builder("caravan.run.duration")
        .description("How long runs took")
        .tag(OPERATION, operation.label())
        .register(registry);
  }
}
