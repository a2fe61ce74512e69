package dev.caravan.check;

import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts checks and what they find. No name of a file is ever a label. */
public final class CheckMeters {

  private static final String OPERATION = "operation";
  private static final String CHECK = Operation.CHECK.label();

  private final MeterRegistry registry;

  public CheckMeters(MeterRegistry registry) {
    this.registry = registry;
    for (RunState state : RunState.values()) {
      if (state.isEnded()) {
        runs(state);
      }
    }
    duration();
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
    runs(state).increment();
    duration().record(took);
  }

  private Counter runs(RunState state) {
    return Counter.builder("caravan.runs")
        .description("Runs that ended, by how they ended; dry runs do not count")
        .tag(OPERATION, CHECK)
        .tag("state", state.label())
        .register(registry);
  }

  private Timer duration() {
    return Timer.builder("caravan.run.duration")
        .description("How long runs took")
        .tag(OPERATION, CHECK)
        .register(registry);
  }
}
