package dev.caravan.sync;

import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.turn.RunMeters;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts cycles, and what becomes of objects at the remotes. No name of a file is ever a label. */
public final class SyncMeters {

  private final MeterRegistry registry;
  private final RunMeters runs;

  /** By outcome and remote: each file is counted, and looking one up there costs much more. */
  private final Map<String, Counter> objects = new ConcurrentHashMap<>();

  public SyncMeters(MeterRegistry registry) {
    this.registry = registry;
    this.runs = RunMeters.prepared(registry, Operation.SYNC);
  }

  /** A cycle ended; dry runs are not told of. */
  void ended(RunState state, Duration took) {
    runs.ended(state, took);
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
        .tag("operation", Operation.SYNC.label())
        .tag("outcome", outcome)
        .register(registry);
  }
}
