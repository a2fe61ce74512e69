package dev.caravan.sync;

import dev.caravan.catalog.RunCount;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts cycles, and what becomes of objects at the remotes. No name of a file is ever a label. */
public final class SyncMeters {

  private static final String OPERATION = "operation";
  private static final String SYNC = Operation.SYNC.label();

  private final MeterRegistry registry;

  /** By outcome and remote: each file is counted, and looking one up there costs much more. */
  private final Map<String, Counter> objects = new ConcurrentHashMap<>();

  public SyncMeters(MeterRegistry registry) {
    this.registry = registry;
    for (RunState state : RunState.values()) {
      if (state.isEnded()) {
        runs(state);
      }
    }
    duration();
  }

  /** A cycle ended; dry runs are not told of. */
  void ended(RunState state, Duration took) {
    runs(state).increment();
    duration().record(took);
  }

  /** Something became of so many objects at one remote. */
  void objects(String remote, RunCount outcome, long number) {
    if (number > 0) {
      objects
          .computeIfAbsent(
              outcome.label() + " " + remote, first -> registered(remote, outcome.label()))
          .increment(number);
    }
  }

  private Counter registered(String remote, String outcome) {
    return Counter.builder("caravan.objects")
        .description("Objects at a remote by what became of them")
        .tag("remote", remote)
        .tag(OPERATION, SYNC)
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter runs(RunState state) {
    return Counter.builder("caravan.runs")
        .description("Runs that ended, by how they ended; dry runs do not count")
        .tag(OPERATION, SYNC)
        .tag("state", state.label())
        .register(registry);
  }

  private Timer duration() {
    return Timer.builder("caravan.run.duration")
        .description("How long runs took")
        .tag(OPERATION, SYNC)
        .register(registry);
  }
}
