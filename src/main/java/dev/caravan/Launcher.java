package dev.caravan;

import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.cli.Engine;
import dev.caravan.config.Settings;
import dev.caravan.control.ApiFault;
import dev.caravan.control.ReadSteps;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import dev.caravan.restore.RestoreRequest;
import dev.caravan.sync.SyncRequest;
import dev.caravan.sync.SyncTicket;
import dev.caravan.sync.view.StorageViews;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out commands: by the daemon that works on the store, else by itself. */
final class Launcher implements Engine {

  private static final int PAGE = 1_000;
  private static final int ITEMS_MAX = 10_000;
  private static final long POLL_MILLIS = 100;
  private static final long TELL_POLL_MILLIS = 10;
  private static final Duration TELL_LIMIT = Duration.ofSeconds(15);

  private final Clock clock = Clock.systemUTC();

  @Override
  public int serve(Settings settings) throws CommandFailure {
    LogSetup.apply(settings.log());
    return new Daemon(settings, clock).run();
  }

  @Override
  public Map<String, @Nullable Object> sync(
      Settings settings, SyncOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      return syncByDaemon(daemon.get(), options, progress);
    }
    if (settings.storage().remotes().isEmpty()) {
      throw new CommandFailure(2, "No remotes are configured: set storage.remotes", null);
    }
    return alone(
        settings,
        (app, state) -> {
          if (options.acceptHalt()) {
            state
                .catalog()
                .write(session -> state.catalog().halts().approve(session, clock.millis()));
          }
          SyncTicket ticket =
              app.sync().queue().request(new SyncRequest(Trigger.MANUAL, options.dryRun()));
          return ticket.runId();
        },
        App::runOnce,
        progress);
  }

  @Override
  public Map<String, @Nullable Object> restore(
      Settings settings, RestoreOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    List<String> roots = roots(options.paths());
    if (options.from().isPresent()
        && settings.storage().remotes().stream()
            .noneMatch(remote -> remote.name().equals(options.from().get()))) {
      throw new CommandFailure(2, "No remote has the name '" + options.from().get() + "'", null);
    }
    Optional<DaemonClient> daemon = DaemonClient.find(settings);
    if (daemon.isPresent()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("paths", options.paths());
      options.from().ifPresent(name -> body.put("from", name));
      return followed(daemon.get(), "/api/storage/restore", body, progress);
    }
    RestoreRequest wanted = new RestoreRequest(Trigger.MANUAL, roots, options.from());
    return alone(
        settings,
        (app, state) -> app.restores().request(wanted).orElseThrow().run(),
        App::restoreOnce,
        progress);
  }

  /** The API's own reading of paths, so that both doors take the same. */
  private static List<String> roots(List<String> paths) throws CommandFailure {
    try {
      return paths.stream().map(ReadSteps::rootOf).toList();
    } catch (ApiFault e) {
      throw new CommandFailure(2, String.valueOf(e.getMessage()), e);
    }
  }

  /** Puts a run into the catalog that {@link #alone} then waits for. */
  private interface Wish {
    RunId ask(App app, StateFolder state) throws Exception;
  }

  /** Carries out one run without a daemon. */
  private Map<String, @Nullable Object> alone(
      Settings settings,
      Wish wish,
      Consumer<App> once,
      Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    try (StateFolder state = StateFolder.open(settings.store(), clock);
        App app = new App(settings, state)) {
      app.enrol();
      app.start(new RouteFiles(settings.routes().path(), false).read(), 0);
      Thread hook = new Thread(app::stop, "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      RunId id = wish.ask(app, state);
      Thread runner = new Thread(() -> once.accept(app), "run");
      runner.setDaemon(true);
      runner.start();
      Map<String, @Nullable Object> run = await(state, runner, id, progress);
      awaitTold(app);
      return run;
    } catch (CommandFailure e) {
      throw e;
    } catch (Exception e) {
      throw Daemon.explained(e);
    }
  }

  private static Map<String, @Nullable Object> await(
      StateFolder state, Thread runner, RunId id, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    while (true) {
      boolean busy = isBusy(runner);
      RunRow run = state.catalog().runs().find(id).orElseThrow();
      Map<String, @Nullable Object> view = RunView.of(run);
      progress.accept(view);
      if (run.state().isEnded()) {
        return view;
      }
      if (!busy) {
        throw new CommandFailure(
            1, "The run ended, but the catalog could not record how: see to its disk", null);
      }
    }
  }

  /** Waits a moment for the run's thread; true when it still runs then. */
  private static boolean isBusy(Thread runner) throws CommandFailure {
    try {
      runner.join(POLL_MILLIS);
      return runner.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "Interrupted", e);
    }
  }

  /** Alerts and pings are sent before the process ends; what cannot be, the next one sends. */
  private void awaitTold(App app) throws CommandFailure {
    Instant patience = clock.instant().plus(TELL_LIMIT);
    while (!app.hasTold() && clock.instant().isBefore(patience)) {
      pause(TELL_POLL_MILLIS);
    }
  }

  private static void pause(long millis) throws CommandFailure {
    try {
      // Not slept: a latch that nobody opens is a wait that an interrupt can end.
      if (new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("unreachable");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "Interrupted", e);
    }
  }

  private static Map<String, @Nullable Object> syncByDaemon(
      DaemonClient daemon, SyncOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("dry_run", options.dryRun());
    body.put("accept_halt", options.acceptHalt());
    return followed(daemon, "/api/storage/sync", body, progress);
  }

  private static Map<String, @Nullable Object> followed(
      DaemonClient daemon,
      String path,
      Map<String, Object> body,
      Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Object id = daemon.post(path, body).get("run_id");
    while (true) {
      Map<String, @Nullable Object> run = daemon.get("/api/runs/" + id);
      progress.accept(run);
      if (run.get("ended_at") != null) {
        return run;
      }
      pause(POLL_MILLIS);
    }
  }

  @Override
  public RouteShelf routes(Settings settings) {
    return new RouteShelf(settings);
  }

  @Override
  public Optional<Map<String, @Nullable Object>> storage(Settings settings) throws CommandFailure {
    return ask(settings, "/api/storage", StorageViews::storage);
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
