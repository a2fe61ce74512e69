package dev.caravan.purge;

import dev.caravan.catalog.turn.RunMeters;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** Counts purges and the bytes that they gave back. No name of a file is ever a label. */
public final class PurgeMeters {

  private final Counter bytes;
  private final RunMeters runs;

  public PurgeMeters(MeterRegistry registry) {
    this.bytes =
        Counter.builder("caravan.purged.bytes")
            .description("Bytes that left the disk by a purge")
            .register(registry);
    this.runs = RunMeters.prepared(registry, Operation.PURGE);
  }

  /** A file left the disk. */
  void purged(long sizeBytes) {
    bytes.increment(sizeBytes);
  }

  /** A purge ended; dry runs are not told of. */
  void ended(RunState state, Duration took) {
    runs.ended(state, took);
  }
}
