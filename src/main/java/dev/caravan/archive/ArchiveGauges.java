package dev.caravan.archive;

import dev.caravan.archive.queue.ArchiveStats;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.catalog.sql.SqlFailedException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How archives stand, as metrics. */
public final class ArchiveGauges {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");
  private static final String ARCHIVE = "archive";

  private final Archives archives;
  private final String name;
  private Optional<ArchiveStats> stats = Optional.empty();

  private ArchiveGauges(Archives archives, String name) {
    this.archives = archives;
    this.name = name;
  }

  /** Makes the gauges of all archives. */
  public static void register(Archives archives, MeterRegistry registry) {
    for (Archive archive : archives.all()) {
      ArchiveGauges gauges = new ArchiveGauges(archives, archive.name());
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

  /** What was known last, where the database cannot be asked. */
  private synchronized Optional<ArchiveStats> read() {
    try {
      stats = archives.desk(name).map(desk -> desk.views().stats());
    } catch (SqlFailedException e) {
      LOG.debug("Archive '{}' cannot be counted", name, e);
    }
    return stats;
  }
}
