package dev.caravan;

import dev.caravan.config.Settings;
import dev.caravan.control.Doorman;
import dev.caravan.sync.move.MirroredRemote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.LifecycleStrategySupport;

/** Camel with the routes in it: started, asked, stopped. */
final class CamelHost implements AutoCloseable {

  private static final int SHUTDOWN_SECONDS = 8;

  private final Main main = new Main();
  private final List<ExecutorService> pools = new ArrayList<>();
  private final Settings settings;
  private final List<MirroredRemote> remotes;

  CamelHost(Settings settings, List<MirroredRemote> remotes) {
    this.settings = settings;
    this.remotes = remotes;
  }

  /**
   * Loads the routes and starts them.
   *
   * @param beans by the names under which routes call them
   * @param port to serve HTTP on, 0 for none
   */
  void start(List<RouteFiles.RouteFile> routes, Map<String, Object> beans, int port)
      throws Exception {
    beans.forEach(main::bind);
    main.bind("remotes", pool("remote", Math.max(1, remotes.size()), 1));
    for (MirroredRemote remote : remotes) {
      int transfers = settings.storage().transfers();
      main.bind("transfers-" + remote.name(), pool("transfer-" + remote.name(), transfers, 64));
    }
    main.setInitialProperties(properties(routes, port));
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void afterConfigure(BaseMainSupport support) {
            addDoorman(support.getCamelContext(), port);
          }
        });
    main.start();
    for (MirroredRemote remote : remotes) {
      TemplatedRouteBuilder.builder(context(), "sync-transfer")
          .routeId("sync.transfer." + remote.name())
          .parameter("remote", remote.name())
          .add();
    }
  }

  private Properties properties(List<RouteFiles.RouteFile> routes, int port) {
    Properties properties = new Properties();
    properties.putAll(settings.camel());
    properties.setProperty("camel.main.name", "caravan");
    properties.setProperty(
        "camel.main.routesIncludePattern",
        String.join(",", routes.stream().map(RouteFiles.RouteFile::uri).toList()));
    properties.setProperty("camel.main.shutdownTimeout", Integer.toString(SHUTDOWN_SECONDS));
    properties.setProperty("camel.main.shutdownLogInflightExchangesOnTimeout", "false");
    properties.setProperty("camel.main.autoConfigurationLogSummary", "false");
    properties.setProperty("camel.main.startupSummaryLevel", "Off");
    properties.setProperty("camel.main.jmxEnabled", "false");
    properties.setProperty("camel.main.streamCachingSpoolEnabled", "true");
    if (port > 0) {
      properties.setProperty("camel.server.enabled", "true");
      properties.setProperty("camel.server.host", settings.http().host());
      properties.setProperty("camel.server.port", Integer.toString(port));
      properties.setProperty("camel.server.maxBodySize", Integer.toString(1 << 20));
      properties.setProperty("camel.server.fileUploadEnabled", "false");
    }
    return properties;
  }

  /** The door is guarded before there is anything behind it: no route has started by then. */
  private void addDoorman(CamelContext context, int port) {
    if (port == 0) {
      return;
    }
    String name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
    AtomicBoolean guarded = new AtomicBoolean();
    context.addLifecycleStrategy(
        new LifecycleStrategySupport() {
          @Override
          public void onRoutesAdd(Collection<Route> routes) {
            if (!guarded.getAndSet(true)) {
              new Doorman(settings.http()).guard(VertxPlatformHttpRouter.lookup(context, name));
            }
          }
        });
  }

  /** A pool that makes its caller work when it is full: that is how a plan is held back. */
  private ExecutorService pool(String name, int threads, int waiting) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waiting),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.CallerRunsPolicy());
    pool.allowCoreThreadTimeOut(true);
    pools.add(pool);
    return pool;
  }

  CamelContext context() {
    return main.getCamelContext();
  }

  /** Sends a wake-up; a full queue means that one is on its way already. */
  void wake() {
    context()
        .createFluentProducerTemplate()
        .withBody("manual")
        .to("seda:sync-request?size=1&discardWhenFull=true")
        .send();
  }

  void send(String uri) {
    context().createFluentProducerTemplate().to(uri).send();
  }

  @Override
  public void close() {
    main.stop();
    pools.forEach(ExecutorService::shutdownNow);
  }
}
