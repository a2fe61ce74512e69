package dev.caravan;

import dev.caravan.catalog.RunView;
import dev.caravan.check.CheckRequest;
import dev.caravan.cli.Engine;
import dev.caravan.cli.Versions;
import dev.caravan.config.Durations;
import dev.caravan.config.Settings;
import dev.caravan.control.ApiFault;
import dev.caravan.control.ReadSteps;
import dev.caravan.control.mover.MoverDoor;
import dev.caravan.dgraph.make.DgraphMaker;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import dev.caravan.log.LogSetup;
import dev.caravan.purge.PurgeRequest;
import dev.caravan.purge.PurgeSteps;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.restore.RestoreRequest;
import dev.caravan.route.RouteFault;
import dev.caravan.sync.SyncRequest;
import dev.caravan.sync.view.StorageViews;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out commands: by the daemon that works on the store, else by itself. */
final class Launcher implements Engine {

  private static final int PAGE = 1_000;
  private static final int ITEMS_MAX = 10_000;

  private final Clock clock = Clock.systemUTC();

  @Override
  public int serve(Settings settings) throws CommandFailure {
    LogSetup.apply(settings.log());
    return new Daemon(settings, clock).run();
  }

  @Override
  public int backup(Map<String, String> env, Consumer<String> lines, Consumer<String> faults) {
    return new MoverDoor(
            env,
            Versions.caravan(),
            file -> CamelTrial.ofMover(file).faults().stream().map(RouteFault::text).toList(),
            clock)
        .run(lines, faults);
  }

  @Override
  public Map<String, @Nullable Object> sync(
      Settings settings, SyncOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("dry_run", options.dryRun());
      body.put("accept_halt", options.acceptHalt());
      return runByDaemon(daemon.get(), Operation.SYNC, body, progress);
    }
    return new LocalRun(settings, clock, progress)
        .go(
            Operation.SYNC,
            app -> {
              if (options.acceptHalt()) {
                app.operations().sync().approveHalt();
              }
              SyncRequest wish = new SyncRequest(Trigger.MANUAL, options.dryRun());
              return app.operations().sync().queue().request(wish.wish()).runId();
            },
            Operation.PURGE,
            (app, ended) ->
                PurgeSteps.isDueAfter(app.operations().purge(), ended)
                    ? Optional.of(request(app, PurgeRequest.floor(Trigger.SCHEDULE)))
                    : Optional.empty());
  }

  @Override
  public Map<String, @Nullable Object> purge(
      Settings settings, PurgeOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("dry_run", options.dryRun());
      options.targetFreeBytes().ifPresent(bytes -> body.put("target_free_bytes", bytes));
      options.olderThan().ifPresent(age -> body.put("older_than", Durations.format(age)));
      return runByDaemon(daemon.get(), Operation.PURGE, body, progress);
    }
    PurgeRequest.Terms terms =
        new PurgeRequest.Terms(options.targetFreeBytes(), options.olderThan());
    PurgeRequest wish = new PurgeRequest(Trigger.MANUAL, options.dryRun(), terms);
    return new LocalRun(settings, clock, progress).go(Operation.PURGE, app -> request(app, wish));
  }

  private static RunId request(App app, PurgeRequest wish) {
    return app.operations().purge().request(wish).runId();
  }

  @Override
  public Map<String, @Nullable Object> restore(
      Settings settings, RestoreOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    List<String> roots = roots(options.paths());
    checkFrom(settings, options);
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("paths", options.paths());
      options.from().ifPresent(name -> body.put("from", name));
      options.asOf().ifPresent(time -> body.put("as_of", time.toString()));
      body.put("catalog_only", options.catalogOnly());
      return runByDaemon(daemon.get(), Operation.RESTORE, body, progress);
    }
    RestoreRequest wanted =
        new RestoreRequest(
            Trigger.MANUAL, roots, options.from(), options.asOf(), options.catalogOnly());
    return new LocalRun(settings, clock, progress)
        .go(
            Operation.RESTORE,
            app -> app.operations().restoreRuns().request(wanted).orElseThrow().run());
  }

  @Override
  public Map<String, @Nullable Object> restoreTo(
      Settings settings,
      RestoreOptions options,
      Path to,
      Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    List<String> roots = roots(options.paths());
    checkFrom(settings, options);
    Optional<StateFolder> state = StateFolder.peek(settings.store(), clock);
    if (state.isEmpty()) {
      throw new CommandFailure(
          1, "There is no catalog yet; on a new machine: caravan restore --catalog-only", null);
    }
    try (StateFolder opened = state.get()) {
      return new SideRun(settings, opened, progress)
          .go(to, roots, options.from(), options.asOf(), clock);
    }
  }

  private static void checkFrom(Settings settings, RestoreOptions options) throws CommandFailure {
    if (options.from().isPresent()
        && settings.storage().remotes().stream()
            .noneMatch(remote -> remote.name().equals(options.from().get()))) {
      throw new CommandFailure(2, "No remote has the name '" + options.from().get() + "'", null);
    }
  }

  /** The API's own reading of paths, so that both doors take the same. */
  private static List<String> roots(List<String> paths) throws CommandFailure {
    try {
      return paths.stream().map(ReadSteps::rootOf).toList();
    } catch (ApiFault e) {
      throw new CommandFailure(2, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Map<String, @Nullable Object> check(
      Settings settings, CheckOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("mode", options.mode().label());
      body.put("repair", options.repair());
      return runByDaemon(daemon.get(), Operation.CHECK, body, progress);
    }
    CheckRequest wanted =
        new CheckRequest(Trigger.MANUAL, CheckRequest.Terms.all(options.mode(), options.repair()));
    return new LocalRun(settings, clock, progress)
        .go(Operation.CHECK, app -> app.operations().check().request(wanted).runId());
  }

  private static Map<String, @Nullable Object> runByDaemon(
      DaemonClient daemon,
      Operation operation,
      Map<String, Object> body,
      Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Object id = daemon.post("/api/storage/" + operation.label(), body).get("run_id");
    while (true) {
      Map<String, @Nullable Object> run = daemon.get("/api/runs/" + id);
      progress.accept(run);
      if (run.get("ended_at") != null) {
        return run;
      }
      LocalRun.pause(LocalRun.POLL_MILLIS);
    }
  }

  @Override
  public int fetchExports(Settings settings, List<String> names, Path to, Consumer<String> told)
      throws CommandFailure {
    try {
      return DgraphMaker.fetch(settings.dgraph(), names, to, told, clock);
    } catch (RemoteException e) {
      boolean aboutKey = Set.of(Cause.OTHER, Cause.PERMISSION).contains(e.reason());
      String hint = aboutKey ? " (is it the key that it was stored with?)" : "";
      throw new CommandFailure(1, e.getMessage() + hint, e);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailure(1, "Fetching failed: " + e.getMessage(), e);
    }
  }

  @Override
  public RouteShelf routes(Settings settings) {
    return new RouteShelf(settings);
  }

  @Override
  public Optional<Map<String, @Nullable Object>> storage(Settings settings) throws CommandFailure {
    return ask(settings, "/api/storage", Launcher::unscheduled);
  }

  /** Where no daemon works on the store, nothing begins by itself. */
  private static Map<String, @Nullable Object> unscheduled(StorageViews views) {
    Map<String, @Nullable Object> storage = views.storage();
    storage.put("next_sync_at", null);
    return storage;
  }

  @Override
  public Map<String, @Nullable Object> tell(
      Settings settings, String path, Map<String, Object> body) throws CommandFailure {
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isEmpty()) {
      throw new CommandFailure(
          1, "No daemon works on the store %s".formatted(settings.store().path()), null);
    }
    return daemon.get().post(path, body);
  }

  @Override
  public List<Map<String, @Nullable Object>> runs(Settings settings, int limit)
      throws CommandFailure {
    Optional<StateFolder> state = StateFolder.peek(settings.store(), clock);
    if (state.isEmpty()) {
      return List.of();
    }
    try (StateFolder opened = state.get()) {
      return opened.catalog().runs().list(Optional.empty(), Optional.empty(), limit).stream()
          .map(RunView::of)
          .toList();
    }
  }

  @Override
  public List<Map<String, @Nullable Object>> items(Settings settings, String runId)
      throws CommandFailure {
    Optional<StateFolder> state = StateFolder.peek(settings.store(), clock);
    if (state.isEmpty()) {
      return List.of();
    }
    List<Map<String, @Nullable Object>> items = new ArrayList<>();
    try (StateFolder opened = state.get()) {
      opened
          .catalog()
          .items()
          .list(new RunId(runId), Optional.empty(), 0, 2 * ITEMS_MAX)
          .forEach(row -> items.add(StorageViews.item(row)));
    }
    return items;
  }

  @Override
  public Map<String, @Nullable Object> files(
      Settings settings, String prefix, Optional<String> state, String cursor)
      throws CommandFailure {
    String query =
        "/api/files?limit=%d&prefix=%s&state=%s&cursor=%s"
            .formatted(PAGE, encoded(prefix), state.orElse(""), encoded(cursor));
    return ask(settings, query, views -> views.files(prefix, state, cursor, PAGE))
        .orElse(new LinkedHashMap<>(Map.of("files", List.of())));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** One question to the views of the storage. */
  private interface Question {
    Map<String, @Nullable Object> ask(StorageViews views);
  }

  private Optional<Map<String, @Nullable Object>> ask(
      Settings settings, String path, Question question) throws CommandFailure {
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      return Optional.of(daemon.get().get(path));
    }
    Optional<StateFolder> state = StateFolder.peek(settings.store(), clock);
    if (state.isEmpty()) {
      return Optional.empty();
    }
    try (StateFolder opened = state.get();
        App app = new App(settings, opened)) {
      return Optional.of(question.ask(app.views()));
    }
  }
}
