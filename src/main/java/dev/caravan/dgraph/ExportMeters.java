package dev.caravan.dgraph;

import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.catalog.turn.RunMeters;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Counts how exports end, and the runs that bring them. */
public final class ExportMeters {

  private final Map<ExportState, Counter> ends = new EnumMap<>(ExportState.class);

  private final RunMeters runs;

  /** Registers the counters, which are there whether anything is counted or not. */
  public ExportMeters(MeterRegistry meters) {
    runs = RunMeters.prepared(meters, Operation.EXPORT);
    for (ExportState state : ExportState.values()) {
      if (state.isEnd()) {
        ends.put(
            state,
            Counter.builder("caravan.exports")
                .description("Exports of Dgraph that came to an end, by which")
                .tag("state", state.label())
                .register(meters));
      }
    }
  }

  void ended(ExportState state) {
    Optional.ofNullable(ends.get(state)).ifPresent(Counter::increment);
  }

  /** Ends a run, on record and in the counts. */
  void end(RunBook book, RunState state, Optional<String> error) {
    book.end(state, error);
    runs.ended(state, book.elapsed());
  }
}
