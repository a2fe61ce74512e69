package dev.caravan;

import dev.caravan.alert.AlertSteps;
import dev.caravan.alert.Alerts;
import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.cli.Versions;
import dev.caravan.config.Settings;
import dev.caravan.control.ControlSteps;
import dev.caravan.control.EventStream;
import dev.caravan.control.LaterSteps;
import dev.caravan.control.ListSteps;
import dev.caravan.control.Metrics;
import dev.caravan.control.ObserveSteps;
import dev.caravan.control.ReadSteps;
import dev.caravan.control.Readiness;
import dev.caravan.control.RouteSteps;
import dev.caravan.control.content.FileDoor;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.remote.camel.CamelProducer;
import dev.caravan.restore.RestoreMeters;
import dev.caravan.restore.RestoreRuns;
import dev.caravan.restore.RestoreSteps;
import dev.caravan.restore.Restores;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreScan;
import dev.caravan.store.StoreTree;
import dev.caravan.store.StoreWatch;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncMeters;
import dev.caravan.sync.SyncQueue;
import dev.caravan.sync.SyncSchedule;
import dev.caravan.sync.SyncSteps;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.plan.SyncHalt;
import dev.caravan.sync.view.StorageViews;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.ext.web.Router;
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
import org.apache.camel.CamelContext;

/** The composition root: makes everything, in order, and takes it down in reverse. */
final class App implements AutoCloseable {

  private static final DateTimeFormatter RUN_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /** What routes may call, by the names under which they call it. */
  static final Map<String, Class<?>> BEANS =
      Map.ofEntries(
          Map.entry("sync", SyncSteps.class),
          Map.entry("schedule", SyncSchedule.class),
          Map.entry("alerts", AlertSteps.class),
          Map.entry("routes", RouteSteps.class),
          Map.entry("control", ControlSteps.class),
          Map.entry("lists", ListSteps.class),
          Map.entry("reading", ReadSteps.class),
          Map.entry("restore", RestoreSteps.class),
          Map.entry("later", LaterSteps.class),
          Map.entry("observe", ObserveSteps.class));

  private final String instance = UUID.randomUUID().toString();
  private final Settings settings;
  private final StateFolder state;
  private final Clock clock = Clock.systemUTC();
  private final EventBus events = new EventBus(clock);
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final EventStream stream = new EventStream(events, clock, meters);
  private final StoreTree tree;
  private final Filters filters;
  private final List<MirroredRemote> remotes;
  private final Sync sync;
  private final Restores restores;
  private final RestoreRuns restoreRuns;
  private final CamelHost camel;
  private final Alerts alerts;
  private Optional<CamelEvents> told = Optional.empty();
  private Optional<RouteReload> reload = Optional.empty();
  private volatile Optional<StoreWatch> watch = Optional.empty();

  App(Settings settings, StateFolder state) {
    this.settings = settings;
    this.state = state;
    Catalog catalog = state.catalog();
    this.tree = state.tree();
    this.remotes =
        new RemoteFactory(catalog, meters, clock, () -> new CamelProducer(this::context))
            .make(settings.storage());
    this.filters = new Filters(settings.store().include(), settings.store().exclude());
    StoreGuard guard = new StoreGuard(tree, catalog, UUID::randomUUID);
    this.sync =
        new Sync(
            new Sync.World(
                settings,
                catalog,
                tree,
                new StoreScan(tree, filters),
                filters,
                guard,
                new SyncMeters(meters)),
            new RemoteRoster(remotes, catalog, clock),
            new SyncQueue(catalog, events, () -> newRunId(clock.instant()), clock),
            new SyncSchedule(settings.store(), settings.storage(), clock),
            clock,
            new SecureRandom());
    this.restores =
        new Restores(
            catalog,
            tree,
            remotes.stream().map(MirroredRemote::remote).toList(),
            () -> guard.check(Optional.empty()).map(SyncHalt::message),
            new RestoreMeters(meters),
            clock);
    this.restoreRuns =
        new RestoreRuns(catalog, restores, events, () -> newRunId(clock.instant()), clock);
    this.camel = new CamelHost(settings, remotes, this::serve);
    this.alerts =
        new Alerts(
            settings.alerts(),
            settings.store().path().toAbsolutePath().normalize(),
            catalog,
            new Alerts.Told(events, meters),
            camel::raise,
            clock);
    meterProcess();
  }

  /** What no route serves. */
  private void serve(Router router) {
    stream.serve(router);
    new FileDoor(restores).serve(router);
  }

  private CamelContext context() {
    return camel.context();
  }

  private void meterProcess() {
    Gauge.builder("caravan.build.info", () -> 1)
        .description("Always 1; the version is a label")
        .tag("version", Versions.caravan())
        .register(meters);
    FunctionCounter.builder(
            "caravan.watch.overflows", this, app -> app.watch.map(StoreWatch::overflows).orElse(0L))
        .description("How often more changed at once than could be followed")
        .register(meters);
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
    List<RunRow> queued = unended(RunState.QUEUED);
    List<RunRow> running = unended(RunState.RUNNING);
    catalog.commit(session -> catalog.runs().recordInterrupted(session, clock.millis()));
    queued.forEach(row -> tell(row, RunState.CANCELLED));
    running.forEach(row -> tell(row, RunState.INTERRUPTED));
    sync.roster().enrol();
  }

  private List<RunRow> unended(RunState found) {
    return state.catalog().runs().list(Optional.empty(), Optional.of(found), 100);
  }

  private void tell(RunRow row, RunState state) {
    events.publish(row.id(), new EventContent.Status(row.operation(), state));
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
    beans.put("restore", new RestoreSteps(restoreRuns, restores, this::wakeRestore));
    beans.put("alerts", alerts.steps());
    beans.put("schedule", sync.schedule());
    beans.put("routes", new RouteSteps(new CamelFacts(camel, this::routeFaults)));
    if (port > 0) {
      beans.put(
          "control",
          new ControlSteps(
              catalog,
              sync,
              restoreRuns,
              views(),
              new ControlSteps.Wakers(camel::wake, this::wakeRestore),
              clock,
              TimeUnit.MILLISECONDS::sleep));
      beans.put("reading", new ReadSteps(restores));
      beans.put("lists", new ListSteps(catalog, views()));
      beans.put("later", new LaterSteps());
      beans.put(
          "observe",
          new ObserveSteps(
              new Metrics(meters, catalog, sync.roster(), tree, clock),
              new Readiness(settings, catalog, sync.roster(), clock),
              instance));
    }
    sync.schedule().paused(true);
    camel.start(routes, beans, port);
    told = Optional.of(new CamelEvents(camel.context(), events, meters, clock));
    alerts.start();
  }

  /** Follows the folder of the user's routes, where that is wanted. */
  void followRoutes() {
    if (settings.routes().reload()) {
      reload =
          Optional.of(
              new RouteReload(
                      new RouteFiles(settings.routes().path(), true)::read,
                      new CamelStage(
                          camel.context(), camel.routes(), camel.shape(), new Gate(sync, camel)))
                  .start());
    }
  }

  private List<RouteFault> routeFaults() {
    return reload.map(RouteReload::faults).orElse(List.of());
  }

  /** What runs are made of is exchanged between two runs. */
  private record Gate(Sync sync, CamelHost camel) implements CamelStage.RunGate {

    @Override
    public boolean hold() {
      return sync.queue().hold();
    }

    @Override
    public void release() {
      if (sync.queue().release()) {
        camel.wake();
      }
    }
  }

  /** Lets runs begin by themselves, unless a person paused them. */
  void release() {
    boolean paused = state.catalog().findMeta("paused").map(Boolean::parseBoolean).orElse(false);
    sync.schedule().paused(paused);
  }

  /** Follows changes, where that is wanted and can be done. */
  Optional<StoreWatch> watch() {
    if (settings.store().watch()) {
      watch = Optional.of(StoreWatch.start(tree, filters, this::changed));
    }
    return watch;
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

  private void wakeRestore() {
    camel.send("seda:restore.request?size=100&discardWhenFull=true");
  }

  RestoreRuns restores() {
    return restoreRuns;
  }

  /** Runs the restore that waits; returns when it has ended. */
  void restoreOnce() {
    camel.send("direct:restore-run");
  }

  /** Runs the run that waits; returns when it has ended. */
  void runOnce() {
    camel.send("direct:sync-run");
  }

  /** True when everybody was told how the last run ended, or was not to be reached. */
  boolean hasTold() {
    return alerts.isTried();
  }

  CamelHost camel() {
    return camel;
  }

  /** Lets no further run begin, and asks those that run to end. */
  void stop() {
    sync.queue().stop();
    restoreRuns.stop();
  }

  @Override
  public void close() {
    stop();
    restores.close();
    reload.ifPresent(RouteReload::close);
    // Closing the remotes cuts what is under way, so that the run can end at once.
    remotes.forEach(each -> each.remote().close());
    alerts.close();
    stream.close();
    told.ifPresent(CamelEvents::close);
    camel.close();
  }
}
