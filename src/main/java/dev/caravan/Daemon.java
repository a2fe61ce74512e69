package dev.caravan;

import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.cli.Versions;
import dev.caravan.clock.DueClock;
import dev.caravan.config.Settings;
import dev.caravan.config.check.Loopback;
import dev.caravan.control.door.ApiServer;
import dev.caravan.control.flow.SignalDoor;
import dev.caravan.event.Causes;
import dev.caravan.route.RouteFaultsException;
import dev.caravan.route.RouteFiles;
import dev.caravan.route.UnreadableRouteException;
import dev.caravan.store.StoreWatch;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.Sync;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The long-running process: watches, schedules and serves until it is told to stop. */
final class Daemon {

  private static final Logger LOG = LoggerFactory.getLogger("caravan");

  /** The job of the bundled schedule; a schedule of the user's need not have it. */
  private static final String SCHEDULE = "sync-schedule";

  private final Settings settings;
  private final Clock clock;
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch gone = new CountDownLatch(1);
  private volatile boolean clean;

  Daemon(Settings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  int run() throws CommandFailure {
    int port = freePort();
    String instance = UUID.randomUUID().toString();
    FutureTask<ApiServer> server = new FutureTask<>(() -> new ApiServer(settings.http(), instance));
    // Beside the catalog, which takes as long to open.
    new Thread(server, "http-server").start();
    try (StateFolder state = StateFolder.open(settings.store(), clock)) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "stop"));
      work(state, new CamelHost.Door(server.get(), port, instance));
      clean = true;
      return 0;
    } catch (CommandFailure e) {
      throw e;
    } catch (Exception e) {
      throw explained(e);
    } finally {
      gone.countDown();
    }
  }

  /** Told by a signal: after a clean stop the exit code is 0, where a signal's would be 143. */
  private void stopAndWait() {
    boolean running = gone.getCount() > 0;
    told.countDown();
    try {
      gone.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (running && clean) {
      Runtime.getRuntime().halt(0);
    }
  }

  private void work(StateFolder state, CamelHost.Door door) throws Exception {
    try (ApiServer server = door.server()) {
      if (!CamelHost.usesTls(settings)) {
        server.listen(settings.http().host(), door.port(), options -> {});
      }
      serve(state, door);
    }
  }

  private void serve(StateFolder state, CamelHost.Door door) throws Exception {
    RouteFiles files = new RouteFiles(settings.routes().path(), true);
    List<RouteFiles.RouteFile> routes = files.read();
    List<String> misnamed = files.misnamed();
    try (App app = new App(settings, state)) {
      app.operations().enrol();
      app.start(routes, Optional.of(door));
      String address = "http://" + shownHost() + ":" + door.port();
      state.publish(new StateFolder.DaemonAddress(address, door.instance()));
      introduce(app, routes, address);
      misnamed.forEach(note -> LOG.warn("routes   {}", note));
      app.open();
      Optional<StoreWatch> watch = app.watch();
      app.operations()
          .sync()
          .schedule()
          // What is not noticed is found by the scan, so that goes on whatever the watch can do.
          .watching(watch::isPresent);
      try {
        app.release();
        new SignalDoor(app.holds()).open();
        app.followRoutes();
        awaitStop(app);
      } finally {
        watch.ifPresent(StoreWatch::close);
      }
    }
  }

  /** Meanwhile Quartz is told when a cycle is due, for it asks only now and then by itself. */
  private void awaitStop(App app) throws InterruptedException {
    Sync sync = app.operations().sync();
    RunQueue queue = sync.queue();
    try (DueClock clock =
        DueClock.start(
            sync.schedule()::awaitDue,
            () -> !queue.isBusy() && !queue.isHeld(),
            () -> app.camel().fire(SCHEDULE))) {
      told.await();
      LOG.info("Stopping");
    }
  }

  private void introduce(App app, List<RouteFiles.RouteFile> routes, String address) {
    LOG.info("Caravan {}", Versions.caravan());
    LOG.info(
        "store    {} ({})",
        settings.store().path().toAbsolutePath().normalize(),
        settings.store().watch() ? "watched" : "scanned");
    for (RemoteRoster.Entry entry : app.operations().sync().roster().entries()) {
      LOG.info("remote   {}: {}", entry.row().name(), entry.row().identity());
    }
    if (settings.storage().remotes().isEmpty()) {
      LOG.warn("remote   none is configured: nothing is mirrored (storage.remotes)");
    }
    for (RouteFiles.RouteFile route : routes) {
      LOG.info("routes   {} <- {}", route.name(), route.origin());
    }
    LOG.info("address  {}", address);
  }

  private String shownHost() {
    String host = settings.http().host();
    if (host.equals("0.0.0.0") || host.equals("::")) {
      return "127.0.0.1";
    }
    return host.contains(":") ? "[" + host + "]" : host;
  }

  /** Finds out before anything else whether the port can be had; 0 takes any. */
  private int freePort() throws CommandFailure {
    String host = settings.http().host();
    int port = settings.http().port();
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new CommandFailure(
          1,
          "Cannot listen on %s:%d (%s): is another program using the port? Set http.port or %s"
              .formatted(host, port, e.getMessage(), Loopback.is(host) ? "stop it" : "http.host"),
          e);
    }
  }

  /** The first cause, in one line. */
  static CommandFailure explained(Exception e) {
    if (e instanceof RouteFaultsException || e instanceof UnreadableRouteException) {
      return new CommandFailure(2, String.valueOf(e.getMessage()), e);
    }
    String why = Causes.rootTextOf(e);
    return new CommandFailure(1, "Caravan could not start: " + why, e);
  }
}
