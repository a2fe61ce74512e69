package dev.caravan.archive;

import dev.caravan.archive.queue.ArchiveStats;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.catalog.sql.SqlFailedException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** How archives stand, as metrics; a queue is looked at once for all that is asked together. */
public final class ArchiveGauges {

  private static final String ARCHIVE = "archive";

  /** Looking at a queue is looking at every row of it. */
  private static final long FRESH_MILLIS = 60_000;

  private final Archives archives;
  private final String name;
  private final Clock clock;
  private Optional<ArchiveStats> stats = Optional.empty();
  private long readMillis;

  private ArchiveGauges(Archives archives, String name, Clock clock) {
    this.archives = archives;
    this.name = name;
    this.clock = clock;
  }

  /** Makes the gauges of all archives. */
  public static void register(Archives archives, MeterRegistry registry, Clock clock) {
    for (Archive archive : archives.all()) {
      ArchiveGauges gauges = new ArchiveGauges(archives, archive.name(), clock);
      for (State state : State.values()) {
        Gauge.builder("caravan.archive.files", gauges, each -> each.files(state))
            .description("Files of an archive by state")
            .tags(ARCHIVE, archive.name(), "state", state.label())
            .strongReference(true)
            .register(registry);
      }
      gauge(
          registry,
          "caravan.archive.finalized.until.timestamp.seconds",
          "All files registered up to then are copied, Unix time",
          gauges,
          each -> each.read().map(ArchiveStats::finalizedUntil).orElse(0.0));
      gauge(
          registry,
          "caravan.archive.host.failures",
          "How often in a row the destination as a whole could not be used",
          gauges,
          each -> archive.hostFailures());
      gauge(
          registry,
          "caravan.archive.blocked.timecodes",
          "Timecode directories that wait for a person",
          gauges,
          each -> archive.announcer().blocked().size());
    }
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String description,
      ArchiveGauges gauges,
      ToDoubleFunction<ArchiveGauges> value) {
    Gauge.builder(name, gauges, value)
        .description(description)
        .tag(ARCHIVE, gauges.name)
        .strongReference(true)
        .register(registry);
  }

  private double files(State state) {
    return read().map(found -> found.states().getOrDefault(state, 0L)).orElse(0L);
  }

  private synchronized Optional<ArchiveStats> read() {
    long now = clock.millis();
    if (stats.isEmpty() || Math.abs(now - readMillis) > FRESH_MILLIS) {
      try {
        stats = archives.desk(name).map(desk -> desk.views().stats());
        readMillis = now;
      } catch (SqlFailedException e) {
        return stats;
      }
    }
    return stats;
  }
}
