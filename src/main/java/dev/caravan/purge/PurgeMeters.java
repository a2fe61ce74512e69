package dev.caravan.purge;

import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts purges and the bytes that they gave back. No name of a file is ever a label. */
public final class PurgeMeters {

  private static final String OPERATION = "operation";
  private static final String PURGE = Operation.PURGE.label();

  private final MeterRegistry registry;
  private final Counter bytes;

  public PurgeMeters(MeterRegistry registry) {
    this.registry = registry;
    this.bytes =
        Counter.builder("caravan.purged.bytes")
            .description("Bytes that left the disk by a purge")
            .register(registry);
    for (RunState state : RunState.values()) {
      if (state.isEnded()) {
        runs(state);
      }
    }
    duration();
  }

  /** A file left the disk. */
  void purged(long sizeBytes) {
    bytes.increment(sizeBytes);
  }

  /** A purge ended; dry runs are not told of. */
  void ended(RunState state, Duration took) {
    runs(state).increment();
    duration().record(took);
  }

  private Counter runs(RunState state) {
    return Counter.builder("caravan.runs")
        .description("Runs that ended, by how they ended; dry runs do not count")
        .tag(OPERATION, PURGE)
        .tag("state", state.label())
        .register(registry);
  }

  private Timer duration() {
    return Timer.builder("caravan.run.duration")
        .description("How long runs took")
        .tag(OPERATION, PURGE)
        .register(registry);
  }
}
