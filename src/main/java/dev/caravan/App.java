package dev.caravan;

import dev.caravan.catalog.Catalog;
import dev.caravan.config.Settings;
import dev.caravan.control.ControlSteps;
import dev.caravan.control.Metrics;
import dev.caravan.control.ObserveSteps;
import dev.caravan.control.Readiness;
import dev.caravan.event.RunId;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreScan;
import dev.caravan.store.StoreTree;
import dev.caravan.store.StoreWatch;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncQueue;
import dev.caravan.sync.SyncSchedule;
import dev.caravan.sync.SyncSteps;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.view.StorageViews;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The composition root: makes everything, in order, and takes it down in reverse. */
final class App implements AutoCloseable {

  private static final DateTimeFormatter RUN_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final String instance = UUID.randomUUID().toString();
  private final Settings settings;
  private final StateFolder state;
  private final Clock clock = Clock.systemUTC();
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final StoreTree tree;
  private final Filters filters;
  private final List<MirroredRemote> remotes;
  private final Sync sync;
  private final CamelHost camel;

  App(Settings settings, StateFolder state) {
    this.settings = settings;
    this.state = state;
    Catalog catalog = state.catalog();
    this.tree = state.tree();
    this.remotes = new RemoteFactory(catalog, meters, clock).make(settings.storage());
    this.filters = new Filters(settings.store().include(), settings.store().exclude());
    this.sync =
        new Sync(
            new Sync.World(
                settings,
                catalog,
                tree,
                new StoreScan(tree, filters),
                filters,
                new StoreGuard(tree, catalog, UUID::randomUUID)),
            new RemoteRoster(remotes, catalog, clock),
            new SyncQueue(catalog, () -> newRunId(clock.instant()), clock),
            new SyncSchedule(settings.store(), settings.storage(), clock),
            clock,
            new SecureRandom());
    this.camel = new CamelHost(settings, remotes);
  }

  private static RunId newRunId(Instant now) {
    return new RunId(
        RUN_TIME.format(now) + "-" + UUID.randomUUID().toString().replace("-", "").substring(0, 8));
  }

  /** Names this process. */
  String instance() {
    return instance;
  }

  Sync sync() {
    return sync;
  }

  StorageViews views() {
    return new StorageViews(settings, state.catalog(), tree, sync, clock);
  }

  /** Ends what a dead process left running, and matches the remotes with the catalog. */
  void enrol() {
    Catalog catalog = state.catalog();
    catalog.commit(handle -> catalog.runs().recordInterrupted(handle, clock.millis()));
    sync.roster().enrol();
  }

  /**
   * Starts the routes.
   *
   * @param port to serve HTTP on; 0 for one run without a daemon
   */
  void start(List<RouteFiles.RouteFile> routes, int port) throws Exception {
    Catalog catalog = state.catalog();
    Map<String, Object> beans = new LinkedHashMap<>();
    beans.put("sync", new SyncSteps(sync, camel::wake));
    beans.put("schedule", sync.schedule());
    if (port > 0) {
      beans.put(
          "control",
          new ControlSteps(
              catalog, sync, views(), camel::wake, clock, TimeUnit.MILLISECONDS::sleep));
      beans.put(
          "observe",
          new ObserveSteps(
              new Metrics(meters, catalog, sync.roster(), tree, clock),
              new Readiness(settings, catalog, sync.roster(), clock),
              instance));
    }
    sync.schedule().paused(true);
    camel.start(routes, beans, port);
  }

  /** Lets runs begin by themselves, unless a person paused them. */
  void release() {
    boolean paused = state.catalog().findMeta("paused").map(Boolean::parseBoolean).orElse(false);
    sync.schedule().paused(paused);
  }

  /** Follows changes, where that is wanted and can be done. */
  Optional<StoreWatch> watch() {
    return settings.store().watch()
        ? Optional.of(StoreWatch.start(tree, filters, this::changed))
        : Optional.empty();
  }

  /** Changes come in bursts, and one of them is enough. */
  private void changed() {
    if (!sync.schedule().isChangeDue()) {
      camel.send("direct:watch.changed");
    }
  }

  void wake() {
    camel.wake();
  }

  @Override
  public void close() {
    sync.queue().stop();
    // Closing the remotes cuts what is under way, so that the run can end at once.
    remotes.forEach(each -> each.remote().close());
    camel.close();
  }
}
