package dev.caravan.dgraph;

import dev.caravan.catalog.export.ExportState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Counts how exports end. */
public final class ExportMeters {

  private final Map<ExportState, Counter> ends = new EnumMap<>(ExportState.class);

  /** Registers the counters, which are there whether anything is counted or not. */
  public ExportMeters(MeterRegistry meters) {
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
}
