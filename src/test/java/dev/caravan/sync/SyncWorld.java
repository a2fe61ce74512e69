package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyRow;
import dev.caravan.catalog.FileView;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.config.Settings;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.Remote;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import dev.caravan.store.scan.StoreScan;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.plan.SyncAction;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** A whole mirror over a folder, without routes: a cycle is driven as the routes drive it. */
public final class SyncWorld implements AutoCloseable {

  private final Path store;
  private final TestClock clock;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicInteger ids = new AtomicInteger();
  private final EventBus events;
  private TestSettings settings;
  private List<Remote> remotes;
  private Catalog catalog;
  private Sync sync;
  private StoreTree tree;

  public SyncWorld(TestSettings settings, TestClock clock, List<Remote> remotes) {
    this.store = settings.store();
    this.clock = clock;
    this.events = new EventBus(clock);
    this.settings = settings;
    this.remotes = remotes;
    this.catalog = openCatalog();
    this.tree = new StoreTree(store, state(), clock);
    this.sync = sync();
  }

  public static SyncWorld of(Path store, Remote... remotes) {
    return new SyncWorld(TestSettings.of(store), TestClock.afterToday(), List.of(remotes));
  }

  private Catalog openCatalog() {
    try {
      Files.createDirectories(state());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return Catalog.open(state());
  }

  /** As the application does at its start. */
  private Sync sync() {
    Settings all = settings.settings();
    Filters filters = new Filters(all.store().include(), all.store().exclude());
    List<MirroredRemote> mirrored = remotes.stream().map(MirroredRemote::new).toList();
    Sync made =
        new Sync(
            new Sync.World(
                all,
                catalog,
                tree,
                new StoreScan(tree, filters),
                new FileRemoval(tree)::sweep,
                filters,
                new StoreGuard(tree, catalog, UUID::randomUUID),
                new SyncMeters(meters)),
            new RemoteRoster(mirrored, catalog, clock),
            new RunQueue(catalog, events, this::newId, clock),
            new SyncSchedule(all.store(), all.storage(), clock),
            clock,
            new Random(1));
    catalog.commit(session -> catalog.runs().recordInterrupted(session, clock.millis()));
    made.roster().enrol();
    return made;
  }

  private RunId newId() {
    return new RunId("run-" + ids.incrementAndGet());
  }

  public Path state() {
    return store.resolve(".caravan");
  }

  public PrometheusMeterRegistry meters() {
    return meters;
  }

  public Catalog catalog() {
    return catalog;
  }

  public EventBus events() {
    return events;
  }

  public Settings configuration() {
    return settings.settings();
  }

  public TestClock clock() {
    return clock;
  }

  public StoreTree tree() {
    return tree;
  }

  public Sync mirror() {
    return sync;
  }

  /** Stops and starts again with the same or another configuration. */
  public void restart(TestSettings with, List<Remote> mirrored) {
    catalog.close();
    settings = with;
    remotes = mirrored;
    catalog = openCatalog();
    sync = sync();
  }

  public void restart() {
    restart(settings, remotes);
  }

  /** As if the process had been killed at this moment: what was not committed is lost. */
  public void kill(Path committed) throws IOException {
    catalog.close();
    forgetCatalog();
    Files.move(committed, state().resolve(Catalog.FILE_NAME));
    catalog = openCatalog();
    sync = sync();
  }

  /** As if the catalog had been lost. */
  public void loseCatalog() throws IOException {
    catalog.close();
    forgetCatalog();
    catalog = openCatalog();
    sync = sync();
  }

  private void forgetCatalog() throws IOException {
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(state().resolve(Catalog.FILE_NAME + suffix));
    }
  }

  /** A cycle that the schedule began. */
  public RunRow cycle() {
    return cycle(Trigger.SCHEDULE, false);
  }

  /** A cycle that a person asked for. */
  public RunRow manual() {
    return cycle(Trigger.MANUAL, false);
  }

  public RunRow dryRun() {
    return cycle(Trigger.MANUAL, true);
  }

  public RunRow cycle(Trigger trigger, boolean dryRun) {
    SyncCycle cycle;
    try {
      cycle = sync.begin(new SyncRequest(trigger, dryRun));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    try {
      sync.plan(cycle);
      cycle.getRemotes().forEach(remote -> part(cycle, remote));
    } catch (RuntimeException e) {
      cycle.fail(e.toString());
    }
    sync.end(cycle);
    return catalog.runs().find(cycle.context().book().id()).orElseThrow();
  }

  private void part(SyncCycle cycle, RemoteCycle remote) {
    try {
      cycle.open(remote);
      for (Iterator<SyncAction> rest = remote.getUploads(); rest.hasNext(); ) {
        remote.move(rest.next());
      }
      for (Iterator<List<StorePath>> rest = remote.getDeletions(); rest.hasNext(); ) {
        remote.carry(rest.next());
      }
    } catch (RuntimeException e) {
      remote.fail(e.toString());
    }
    remote.end(sync.backup());
  }

  /** Approves the halt that waits; false when none does. */
  public boolean approve() {
    return catalog.write(session -> catalog.halts().approve(session, clock.millis()));
  }

  public Path write(String path, String text) throws IOException {
    Path file = store.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  public void delete(String path) throws IOException {
    Files.delete(store.resolve(path));
  }

  public Path path(String path) {
    return store.resolve(path);
  }

  /** All files that the catalog shows, by path. */
  public List<FileView> files() {
    return catalog.views().list(sync.roster().names(), "", Optional.empty(), "", 10_000);
  }

  public Map<Integer, String> names() {
    return sync.roster().names();
  }

  public FileView file(String path) {
    return files().stream().filter(view -> view.path().equals(path)).findFirst().orElseThrow();
  }

  /** What waits for a remote. */
  public List<CopyRow> open(String remote) {
    int id = catalog.remotes().find(remote).orElseThrow().id();
    return catalog.copies().open(id, Optional.empty(), 1_000);
  }

  public List<ItemRow> items(RunRow run) {
    return catalog.items().list(run.id(), Optional.empty(), 0, 1_000);
  }

  @Override
  public void close() {
    catalog.close();
  }
}
