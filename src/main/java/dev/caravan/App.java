package dev.caravan;

import dev.caravan.alert.AlertSteps;
import dev.caravan.alert.Alerts;
import dev.caravan.archive.ArchiveHost;
import dev.caravan.archive.ArchiveSteps;
import dev.caravan.archive.Archives;
import dev.caravan.archive.make.ArchiveMaker;
import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.turn.RunHold;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.check.CheckSteps;
import dev.caravan.cli.Versions;
import dev.caravan.config.Settings;
import dev.caravan.control.CheckDoorSteps;
import dev.caravan.control.ControlSteps;
import dev.caravan.control.EventStream;
import dev.caravan.control.ListSteps;
import dev.caravan.control.Metrics;
import dev.caravan.control.ObserveSteps;
import dev.caravan.control.PurgeDoorSteps;
import dev.caravan.control.ReadSteps;
import dev.caravan.control.Readiness;
import dev.caravan.control.RestoreDoorSteps;
import dev.caravan.control.RouteSteps;
import dev.caravan.control.RunAnswers;
import dev.caravan.control.archive.ArchiveDoorSteps;
import dev.caravan.control.content.ConsoleSteps;
import dev.caravan.control.content.FileDoor;
import dev.caravan.control.content.ReadDoor;
import dev.caravan.control.door.ApiServer;
import dev.caravan.control.export.ExportDoorSteps;
import dev.caravan.control.flow.BandwidthDoorSteps;
import dev.caravan.control.flow.HoldDoorSteps;
import dev.caravan.dgraph.DgraphSteps;
import dev.caravan.dgraph.make.DgraphMaker;
import dev.caravan.event.EventBus;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.StorePath;
import dev.caravan.purge.Purge;
import dev.caravan.purge.PurgeRequest;
import dev.caravan.purge.PurgeSteps;
import dev.caravan.remote.Remote;
import dev.caravan.remote.camel.CamelProducer;
import dev.caravan.restore.RestoreRuns;
import dev.caravan.restore.RestoreSteps;
import dev.caravan.restore.Restores;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles;
import dev.caravan.store.StoreTree;
import dev.caravan.store.StoreWatch;
import dev.caravan.store.watch.WatchMeters;
import dev.caravan.store.watch.WatchState;
import dev.caravan.sync.Holds;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncSchedule;
import dev.caravan.sync.SyncSteps;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.view.StorageViews;
import dev.caravan.upload.CatalogParts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;

/** The composition root: makes everything, in order, and takes it down in reverse. */
final class App implements AutoCloseable {

  /** What routes may call, by the names under which they call it. */
  static final Map<String, Class<?>> BEANS =
      Map.ofEntries(
          Map.entry("sync", SyncSteps.class),
          Map.entry("purge", PurgeSteps.class),
          Map.entry("purges", PurgeDoorSteps.class),
          Map.entry("restore", RestoreSteps.class),
          Map.entry("restores", RestoreDoorSteps.class),
          Map.entry("reading", ReadSteps.class),
          Map.entry("schedule", SyncSchedule.class),
          Map.entry("alerts", AlertSteps.class),
          Map.entry("routes", RouteSteps.class),
          Map.entry("console", ConsoleSteps.class),
          Map.entry("control", ControlSteps.class),
          Map.entry("holds", HoldDoorSteps.class),
          Map.entry("bandwidth", BandwidthDoorSteps.class),
          Map.entry("lists", ListSteps.class),
          Map.entry("check", CheckSteps.class),
          Map.entry("checks", CheckDoorSteps.class),
          Map.entry("archive", ArchiveSteps.class),
          Map.entry("archives", ArchiveDoorSteps.class),
          Map.entry("dgraph", DgraphSteps.class),
          Map.entry("exports", ExportDoorSteps.class),
          Map.entry("observe", ObserveSteps.class));

  private final Settings settings;
  private final StateFolder state;
  private final Clock clock = Clock.systemUTC();
  private final EventBus events = new EventBus(clock);
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final StoreTree tree;
  private final List<MirroredRemote> remotes;
  private final Operations operations;
  private final CamelHost camel;
  private final Alerts alerts;
  private final ArchiveMaker archives;
  private final DgraphMaker dgraph;
  private Optional<EventStream> stream = Optional.empty();
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
    this.operations =
        new Operations(
            new Operations.World(
                settings, state, remotes, events, meters, this::purgeNow, this::wake),
            clock);
    this.camel = new CamelHost(settings, remotes, this::serve);
    this.dgraph =
        new DgraphMaker(
            new DgraphMaker.World(
                settings, catalog, events, meters, clock, new CatalogParts(catalog)),
            () -> Operations.newRunId(clock.instant()));
    this.alerts =
        new Alerts(
            settings.alerts(),
            settings.store().path().toAbsolutePath().normalize(),
            catalog,
            new Alerts.Told(events, meters),
            camel::raise,
            clock);
    this.archives =
        new ArchiveMaker(
            settings,
            new ArchiveMaker.World(catalog, events, meters, clock),
            () -> Operations.newRunId(clock.instant()),
            new ArchiveMaker.Links(
                this::remoteOf,
                remote -> ArchiveHost.Hold.valueOf(holds().of(remote).name()),
                alerts::raise));
    meterProcess();
  }

  /** What no route serves. */
  private void serve(ApiServer server) {
    EventStream opened = new EventStream(events, clock, meters);
    stream = Optional.of(opened);
    opened.serve(server.router());
    new FileDoor(operations.restores()).serve(server.router());
    new ReadDoor(this::context).serve(server.router(), server.bodyHandler());
  }

  private CamelContext context() {
    return camel.context();
  }

  private void meterProcess() {
    Gauge.builder("caravan.build.info", () -> 1)
        .description("Always 1; the version is a label")
        .tag("version", Versions.caravan())
        .register(meters);
    WatchMeters.register(meters, this::watchState);
  }

  Operations operations() {
    return operations;
  }

  StorageViews views() {
    return new StorageViews(
        settings, state.catalog(), tree, operations.sync(), clock, this::watchState);
  }

  /**
   * Starts the routes.
   *
   * @param door where HTTP is served; empty for one run without a daemon
   */
  void start(List<RouteFiles.RouteFile> routes, Optional<CamelHost.Door> door) throws Exception {
    boolean daemon = door.isPresent();
    Catalog catalog = state.catalog();
    Sync sync = operations.sync();
    Purge purge = operations.purge();
    Restores restores = operations.restores();
    RestoreRuns restoreRuns = operations.restoreRuns();
    Runnable wakePurge = () -> wake(Operation.PURGE);
    Runnable wakeCheck = () -> wake(Operation.CHECK);
    Map<String, Object> beans = new LinkedHashMap<>();
    // One run with nothing but bundled routes: its hooks are empty, and nobody sees their counts.
    BooleanSupplier heard = () -> daemon || camel.hasUserRoutes();
    beans.put("sync", new SyncSteps(sync, this::wake, heard));
    beans.put(
        "purge", new PurgeSteps(purge, wakePurge, () -> daemon && !sync.schedule().isPaused()));
    beans.put("restore", new RestoreSteps(restoreRuns, restores, this::wakeRestore));
    CheckSteps.Follow checks = new CheckSteps.Follow(daemon, sync.schedule()::isPaused);
    beans.put("check", new CheckSteps(operations.check(), wakeCheck, checks));
    beans.put("alerts", alerts.steps());
    beans.put("schedule", sync.schedule());
    beans.put("routes", new RouteSteps(new CamelFacts(camel, this::routeFaults)));
    if (daemon) {
      RunAnswers answers = new RunAnswers(catalog, clock, TimeUnit.MILLISECONDS::sleep);
      beans.put(
          "control", new ControlSteps(catalog, sync, this::cancel, views(), this::wake, answers));
      beans.put("console", new ConsoleSteps());
      beans.put("holds", new HoldDoorSteps(holds(), this::cancelAll));
      beans.put("bandwidth", new BandwidthDoorSteps(sync.roster()));
      beans.put("purges", new PurgeDoorSteps(purge, sync, catalog, wakePurge, answers));
      beans.put(
          "restores", new RestoreDoorSteps(restoreRuns, sync.roster(), this::wakeRestore, answers));
      beans.put("reading", new ReadSteps(restores));
      beans.put("dgraph", dgraph.steps());
      beans.put("exports", new ExportDoorSteps(dgraph.exports()));
      beans.put("lists", new ListSteps(catalog, views()));
      beans.put(
          "checks", new CheckDoorSteps(operations.check(), sync.roster(), wakeCheck, answers));
      beans.put(
          "observe",
          new ObserveSteps(
              new Metrics(meters, catalog, sync.roster(), tree, alerts::streaks, clock),
              new Readiness(settings, catalog, sync.roster(), clock, this::worries),
              door.get().instance()));
      Archives opened = archives.open();
      beans.put("archive", new ArchiveSteps(opened));
      beans.put("archives", new ArchiveDoorSteps(opened));
    }
    sync.schedule().paused(true);
    camel.start(routes, beans, door);
    if (heard.getAsBoolean()) {
      told = Optional.of(new CamelEvents(camel.context(), events, meters, clock));
    }
    alerts.start();
    if (daemon) {
      dgraph.start();
    }
  }

  private boolean cancel(RunId id) {
    return operations.cancel(id) || archives.cancel(id);
  }

  private void cancelAll() {
    operations.cancelAll();
    archives.cancelAll();
  }

  /** What a person holds back. */
  Holds holds() {
    return new Holds(state.catalog(), operations.sync(), archives::isBusy);
  }

  /** What is wrong beside the mirror itself. */
  private List<String> worries() {
    return Stream.of(operations.purge().worries(), archives.worries(), dgraph.worries())
        .flatMap(List::stream)
        .toList();
  }

  private Remote remoteOf(String name) {
    return remotes.stream()
        .filter(each -> each.name().equals(name))
        .map(MirroredRemote::remote)
        .findFirst()
        .orElseThrow();
  }

  /** Follows the folder of the user's routes, where that is wanted. */
  void followRoutes() {
    if (settings.routes().reload()) {
      reload =
          Optional.of(
              new RouteReload(
                      new RouteFiles(settings.routes().path(), true)::read,
                      new CamelStage(camel, new Gate(operations.sync(), camel)))
                  .start());
    }
  }

  private List<RouteFault> routeFaults() {
    return reload.map(RouteReload::faults).orElse(List.of());
  }

  /** What runs are made of is exchanged between two runs. */
  private record Gate(Sync sync, CamelHost camel) implements CamelStage.RunGate {

    @Override
    public RunHold hold() {
      return sync.queue().hold();
    }

    @Override
    public void wake(Operation operation) {
      camel.wake(operation);
    }
  }

  /** Answers every request from now on. */
  void open() {
    camel.open();
  }

  /** Lets runs begin by themselves, unless a person paused them. */
  void release() {
    boolean paused = state.catalog().findMeta("paused").map(Boolean::parseBoolean).orElse(false);
    operations.sync().schedule().paused(paused);
  }

  /** Follows changes, where that is wanted and can be done. */
  Optional<StoreWatch> watch() {
    if (settings.store().watch()) {
      watch = Optional.of(StoreWatch.start(tree, operations.filters(), this::changed));
      watch.ifPresent(each -> operations.sync().schedule().following(each::isWhole));
    }
    return watch;
  }

  private Optional<WatchState> watchState() {
    return watch.map(StoreWatch::state);
  }

  /** Changes come in bursts, and one of them is enough. */
  private void changed(Optional<StorePath> path) {
    operations.sync().schedule().noticed(path);
    if (!operations.sync().schedule().isChangeDue()) {
      camel.send("direct:watch.changed");
    }
  }

  private void wake() {
    wake(Operation.SYNC);
  }

  private void wake(Operation operation) {
    camel.wake(operation);
  }

  private void purgeNow(PurgeRequest wanted) {
    camel.send("direct:purge-run", wanted);
  }

  private void wakeRestore() {
    camel.send("seda:restore.request?size=100&discardWhenFull=true", RunWake.UP);
  }

  /** Runs the run of this operation that waits; returns when it has ended. */
  void runOnce(Operation operation) {
    camel.send("direct:" + operation.label() + "-run", RunWake.UP);
  }

  /** True when everybody was told how the last run ended, or was not to be reached. */
  boolean hasTold() {
    return alerts.isTried();
  }

  CamelHost camel() {
    return camel;
  }

  @Override
  public void close() {
    archives.stop();
    operations.close();
    reload.ifPresent(RouteReload::close);
    // Closing the remotes cuts what is under way, so that the run can end at once.
    remotes.forEach(each -> each.remote().close());
    dgraph.close();
    alerts.close();
    stream.ifPresent(EventStream::close);
    told.ifPresent(CamelEvents::close);
    camel.close();
    archives.close();
  }
}
