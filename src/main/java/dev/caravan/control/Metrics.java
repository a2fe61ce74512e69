package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileViews;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.store.StoreTree;
import dev.caravan.store.room.DiskSpace;
import dev.caravan.sync.RemoteRoster;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The gauges that are read from the catalog when the metrics are asked for. */
public final class Metrics {

  private final PrometheusMeterRegistry registry;
  private final Catalog catalog;
  private final RemoteRoster roster;
  private final Clock clock;
  private final MultiGauge files;
  private final MultiGauge bytes;
  private final MultiGauge pendingAge;
  private final MultiGauge proofAge;
  private final MultiGauge lastSuccess;
  private final MultiGauge failures;
  private final Supplier<Map<String, Integer>> streaks;

  /**
   * @param streaks how often runs failed in a row, by operation; those that did not may be missing
   */
  public Metrics(
      PrometheusMeterRegistry registry,
      Catalog catalog,
      RemoteRoster roster,
      StoreTree tree,
      Supplier<Map<String, Integer>> streaks,
      Clock clock) {
    this.streaks = streaks;
    this.registry = registry;
    this.catalog = catalog;
    this.roster = roster;
    this.clock = clock;
    this.files = multi("caravan_files", "Files by state");
    this.bytes = multi("caravan_bytes", "Bytes of files by state");
    this.pendingAge =
        multi("caravan_oldest_pending_age_seconds", "How long the oldest pending file waits");
    this.proofAge =
        multi("caravan_oldest_proof_age_seconds", "How long ago the oldest proof was made");
    this.lastSuccess =
        multi(
            "caravan_last_success_timestamp_seconds",
            "When it last succeeded, if only partly, Unix time; 0 for never");
    this.failures = multi("caravan_consecutive_failures", "Failures in a row");
    Gauge.builder(
            "caravan_store_free_bytes",
            tree,
            t -> t.findSpace().map(DiskSpace::freeBytes).orElse(0L))
        .description("Free bytes on the store's filesystem")
        .register(registry);
    Gauge.builder("caravan_halted", catalog, c -> c.halts().findOpen().isPresent() ? 1 : 0)
        .description("1 while a halt waits for a person")
        .register(registry);
    laterCapabilities();
    ProcessMeters.bind(registry, clock);
  }

  /** Counters of what this version does not do yet: a dashboard may be built already. */
  private void laterCapabilities() {
    Counter.builder("caravan.purged.bytes")
        .description("Bytes that left the disk by a purge")
        .register(registry);
  }

  private MultiGauge multi(String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  /** Prometheus text of all that is measured. */
  public synchronized String scrape() {
    refresh();
    return registry.scrape();
  }

  private void refresh() {
    Map<Integer, String> names = roster.names();
    List<MultiGauge.Row<?>> fileRows = new ArrayList<>();
    List<MultiGauge.Row<?>> byteRows = new ArrayList<>();
    List<FileViews.Count> counts = catalog.views().count(names);
    for (String state : List.of("local", "synced", "purged", "failed")) {
      long number = 0;
      long size = 0;
      for (FileViews.Count count : counts) {
        if (count.state().equals(state)) {
          number = count.files();
          size = count.bytes();
        }
      }
      fileRows.add(MultiGauge.Row.of(Tags.of("state", state), number));
      byteRows.add(MultiGauge.Row.of(Tags.of("state", state), size));
    }
    files.register(fileRows, true);
    bytes.register(byteRows, true);
    refreshRemotes(roster.entries());
  }

  private void refreshRemotes(List<RemoteRoster.Entry> entries) {
    List<MultiGauge.Row<?>> ages = new ArrayList<>();
    List<MultiGauge.Row<?>> proofs = new ArrayList<>();
    List<MultiGauge.Row<?>> successes = new ArrayList<>();
    long now = clock.millis();
    int worst = 0;
    for (RemoteRoster.Entry entry : entries) {
      RemoteRow row = entry.row();
      ages.add(age(row, now, catalog.views().oldestPendingMillis(row.id())));
      proofs.add(age(row, now, catalog.views().oldestProofMillis(row.id())));
      successes.add(
          MultiGauge.Row.of(
              Tags.of("operation", "sync", "remote", row.name()),
              row.succeededAtMillis() / 1000.0));
      worst = Math.max(worst, row.failures());
    }
    pendingAge.register(ages, true);
    proofAge.register(proofs, true);
    lastSuccess.register(successes, true);
    failures.register(failuresInARow(worst), true);
  }

  /**
   * Of a sync those of the remote that fares worst, for one that is well says nothing of another.
   */
  private List<MultiGauge.Row<?>> failuresInARow(int sync) {
    Map<String, Integer> all = new TreeMap<>(Map.of("purge", 0, "restore", 0, "check", 0));
    all.putAll(streaks.get());
    all.put("sync", sync);
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    all.forEach(
        (operation, count) -> rows.add(MultiGauge.Row.of(Tags.of("operation", operation), count)));
    return rows;
  }

  private static MultiGauge.Row<?> age(RemoteRow row, long now, Optional<Long> since) {
    double seconds = Math.max(0, now - since.orElse(now)) / 1000.0;
    return MultiGauge.Row.of(Tags.of("remote", row.name()), seconds);
  }
}
