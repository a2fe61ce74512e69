package dev.caravan.store.watch;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.function.Supplier;

/** How well the store is watched, for Prometheus. */
public final class WatchMeters {

  private WatchMeters() {}

  /**
   * Registers them.
   *
   * @param state empty where the store is not watched by setting
   */
  public static void register(MeterRegistry meters, Supplier<Optional<WatchState>> state) {
    FunctionCounter.builder(
            "caravan.watch.overflows",
            state,
            each -> each.get().map(WatchState::overflows).orElse(0L))
        .description("How often more changed at once than could be followed")
        .register(meters);
    folders(meters, "watched", () -> state.get().map(WatchState::watchedFolders).orElse(0L));
    folders(meters, "unwatched", () -> state.get().map(WatchState::unwatchedFolders).orElse(0L));
    Gauge.builder("caravan.watch.heartbeat.age.seconds", () -> age(state.get()))
        .description("Since a change of Caravan's own was last noticed; NaN where none was")
        .register(meters);
  }

  private static void folders(MeterRegistry meters, String state, Supplier<Number> count) {
    Gauge.builder("caravan.watch.folders", count)
        .description("Folders of the store in which changes are noticed, or are not")
        .tag("state", state)
        .register(meters);
  }

  private static double age(Optional<WatchState> state) {
    return state
        .filter(known -> known.heartbeatAgeSeconds().isPresent())
        .map(known -> (double) known.heartbeatAgeSeconds().getAsLong())
        .orElse(Double.NaN);
  }
}
