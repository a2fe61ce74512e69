package dev.caravan;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.config.Settings;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.route.RouteFiles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out runs without a daemon: opens the store, goes through the routes once, tells those who
 * asked to be told, and closes all again.
 *
 * @param progress is shown the run as it goes on
 */
record LocalRun(Settings settings, Clock clock, Consumer<Map<String, @Nullable Object>> progress) {

  static final long POLL_MILLIS = 100;
  private static final long TELL_POLL_MILLIS = 10;
  private static final Duration TELL_LIMIT = Duration.ofSeconds(15);

  /** Puts a run into the catalog that is then carried out. */
  interface Wish {
    RunId ask(App app) throws Exception;
  }

  /** Looks at a run that has ended, and may ask for one that follows it. */
  interface Sequel {
    Optional<RunId> ask(App app, Map<String, @Nullable Object> ended);
  }

  /**
   * Carries out one run.
   *
   * @return the ended run, in the shape of the API
   */
  Map<String, @Nullable Object> go(Operation operation, Wish wish) throws CommandFailure {
    return go(operation, wish, operation, (app, ended) -> Optional.empty());
  }

  /**
   * Carries out one run, and the one that follows it where one does.
   *
   * @return the first run as it ended, in the shape of the API
   */
  Map<String, @Nullable Object> go(
      Operation operation, Wish wish, Operation following, Sequel sequel) throws CommandFailure {
    if (settings.storage().remotes().isEmpty()) {
      throw new CommandFailure(2, "No remotes are configured: set storage.remotes", null);
    }
    try (StateFolder state = StateFolder.open(settings.store(), clock);
        App app = new App(settings, state)) {
      app.operations().enrol();
      if (operation == Operation.SYNC) {
        app.operations().contactEarly();
      }
      app.start(
          new RouteFiles(settings.routes().path(), false).readFor(operation), Optional.empty());
      Runtime.getRuntime().addShutdownHook(new Thread(app.operations()::stop, "stop"));
      RunId id = wish.ask(app);
      Map<String, @Nullable Object> run = carryOut(app, state.catalog(), operation, id, progress);
      Optional<RunId> follower = sequel.ask(app, run);
      if (follower.isPresent()) {
        carryOut(app, state.catalog(), following, follower.get(), quiet -> {});
      }
      awaitTold(app);
      return run;
    } catch (CommandFailure e) {
      throw e;
    } catch (Exception e) {
      throw Daemon.explained(e);
    }
  }

  private static Map<String, @Nullable Object> carryOut(
      App app,
      Catalog catalog,
      Operation operation,
      RunId id,
      Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure {
    Thread runner = new Thread(() -> app.runOnce(operation), operation.label());
    runner.setDaemon(true);
    runner.start();
    while (true) {
      boolean busy = isBusy(runner);
      RunRow run = catalog.runs().find(id).orElseThrow();
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

  /** Waits a moment. */
  static void pause(long millis) throws CommandFailure {
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
}
