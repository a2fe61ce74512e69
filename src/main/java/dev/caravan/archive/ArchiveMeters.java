package dev.caravan.archive;

import dev.caravan.catalog.turn.RunMeters;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/** Counts what archives do. No name of a file is ever a label. */
public final class ArchiveMeters {

  private static final String ARCHIVE = "archive";

  private final MeterRegistry registry;
  private final RunMeters runs;

  public ArchiveMeters(MeterRegistry registry) {
    this.registry = registry;
    this.runs = new RunMeters(registry, Operation.ARCHIVE);
  }

  /** What is counted, file by file or time by time. */
  enum Event {
    /** A copy was verified. */
    COPIED,
    /** An attempt to copy a file failed, and counts. */
    FAILED,
    /** A file was given up. */
    DEAD,
    /** A local file was deleted. */
    REMOVED,
    /** A verified copy was not there any more, or was another. */
    LOST,
    /** A file was another than had been registered. */
    CHANGED,
    /** A timecode directory was announced. */
    FINALIZED,
    /** The destination as a whole could not be used. */
    HOST_DOWN,
    /** A copy took longer than it may. */
    TIMED_OUT,
    /** The database failed. */
    DATABASE_FAILED,
    /** A round through the queue. */
    ROUND
  }

  void count(String archive, Event event, long times) {
    counter(archive, event).increment(times);
  }

  long counted(String archive, Event event) {
    return (long) counter(archive, event).count();
  }

  private Counter counter(String archive, Event event) {
    return Counter.builder("caravan.archive.events")
        .description("What happened to an archive's files, and how often")
        .tag(ARCHIVE, archive)
        .tag("event", event.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  /** Bytes of files whose copies were verified. */
  void bytes(String archive, long bytes) {
    Counter.builder("caravan.archive.copied.bytes")
        .description("Bytes of files whose copies were verified")
        .tag(ARCHIVE, archive)
        .register(registry)
        .increment(bytes);
  }

  /** A round through the queue ended. */
  void round(String archive, Duration took) {
    rounds(archive).record(took);
  }

  private Timer rounds(String archive) {
    return Timer.builder("caravan.archive.round.duration")
        .description("How long rounds through the queue took")
        .tag(ARCHIVE, archive)
        .register(registry);
  }

  /** A run ended. */
  void ended(RunState state, Duration took) {
    runs.ended(state, took);
  }

  /** Makes the meters of an archive, so that they are there before anything happens. */
  void prepare(String archive) {
    for (Event event : Event.values()) {
      counter(archive, event);
    }
    bytes(archive, 0);
    rounds(archive);
  }
}
