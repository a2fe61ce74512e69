package dev.caravan;

import dev.caravan.alert.DeliveryException;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.clock.ClockThreads;
import dev.caravan.config.Settings;
import dev.caravan.control.door.ApiServer;
import dev.caravan.event.Operation;
import dev.caravan.route.RouteContract;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFaultsException;
import dev.caravan.route.RouteFiles;
import dev.caravan.route.RouteShape;
import dev.caravan.sync.move.MirroredRemote;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.component.vertx.common.VertxHelper;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

/** Camel with the routes in it: started, asked, stopped. */
final class CamelHost implements AutoCloseable {

  private static final int SHUTDOWN_SECONDS = 8;

  /** As many as are brought at the same time. */
  private static final int RESTORES = 8;

  /** Files and objects that a check looks at at the same time. */
  private static final int CHECKS = 8;

  /** Files of Dgraph's exports that are sent at the same time. */
  private static final int EXPORTS = 4;

  /** More than move files at once: as many may wait meanwhile for another try of theirs. */
  private static final int PATIENT = 32;

  /** So many that none of the most threads is without work while the caller does one itself. */
  private static final int WAITING = 256;

  private static final Map<String, Object> CLOCK =
      Map.of(
          "org.quartz.threadPool.class",
          ClockThreads.class.getName(),
          // Camel's own are off as well; without them nothing else of JMX is loaded.
          "org.quartz.scheduler.jmx.export",
          "false");

  private static final String TLS_SWITCH = "camel.server.useGlobalSslContextParameters";

  /**
   * The HTTP server of a daemon, which listens already unless it {@link #usesTls}.
   *
   * @param instance names this process, in letters, digits and hyphens
   */
  record Door(ApiServer server, int port, String instance) {}

  private final Main main = new Main();
  private final List<ExecutorService> pools = new ArrayList<>();
  private final Map<String, Class<?>> bound = new LinkedHashMap<>();
  private final CamelCounts counts = new CamelCounts();
  private final CamelQueues queues = new CamelQueues();
  private final Settings settings;
  private final List<MirroredRemote> remotes;
  private final Consumer<ApiServer> handlers;
  private Optional<CamelRoutes> routes = Optional.empty();
  private Optional<ApiServer> server = Optional.empty();

  /**
   * @param handlers puts on the router what no route serves
   */
  CamelHost(Settings settings, List<MirroredRemote> remotes, Consumer<ApiServer> handlers) {
    this.settings = settings;
    this.remotes = remotes;
    this.handlers = handlers;
  }

  /**
   * Loads the routes and starts them.
   *
   * @param beans by the names under which routes call them
   * @param door where HTTP is served; empty for one run
   */
  void start(List<RouteFiles.RouteFile> files, Map<String, Object> beans, Optional<Door> door)
      throws Exception {
    beans.forEach(this::bind);
    main.bind("restores", pool("restore-item", RESTORES, 64));
    main.bind("checks", pool("check-item", CHECKS, 64));
    main.bind("exports", pool("export-file", EXPORTS, 64));
    main.bind("remotes", pool("remote", Math.max(1, remotes.size()), 1));
    for (MirroredRemote remote : remotes) {
      main.bind("transfers-" + remote.name(), transfers(remote));
    }
    main.setInitialProperties(properties());
    server = door.map(Door::server);
    door.ifPresent(this::serve);
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void afterConfigure(BaseMainSupport support) {
            load(support.getCamelContext(), files, door.isPresent());
          }
        });
    try {
      main.start();
      routes().rest();
    } catch (Exception e) {
      List<RouteFault> faults = CamelTrial.of(shape(), door.isPresent(), files).faults();
      throw faults.isEmpty() ? e : new RouteFaultsException(faults);
    }
    if (door.isPresent() && usesTls(settings)) {
      door.get().server().listen(settings.http().host(), door.get().port(), this::addTls);
    }
  }

  /** Lets in who waits at the server. */
  void open() {
    server.ifPresent(ApiServer::open);
  }

  /** Nothing has started yet when the routes are loaded. */
  private void load(CamelContext context, List<RouteFiles.RouteFile> files, boolean daemon) {
    context.getGlobalOptions().put(Exchange.LOG_EIP_NAME, "${routeId}");
    context.addRoutePolicyFactory(counts);
    context.getComponent("quartz", QuartzComponent.class).setProperties(CLOCK);
    context.getComponent("seda", SedaComponent.class).setDefaultQueueFactory(queues);
    context.getCamelContextExtension().setErrorHandlerFactory(faults());
    CamelRoutes loaded =
        new CamelRoutes(context, names(), shape().archives(), daemon, RouteContract.idle(settings));
    try {
      loaded.load(files);
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
    List<RouteFault> faults = CamelTrial.contract(loaded, files, shape().endpoints());
    if (!faults.isEmpty()) {
      throw new IllegalStateException(faults.get(0).text());
    }
    routes = Optional.of(loaded);
  }

  /** What no route handles is logged in one line, without the way that the message took. */
  private static DefaultErrorHandlerDefinition faults() {
    RedeliveryPolicyDefinition policy = new RedeliveryPolicyDefinition();
    policy.setLogExhaustedMessageHistory("false");
    policy.setLogStackTrace("false");
    DefaultErrorHandlerDefinition handler = new DefaultErrorHandlerDefinition();
    handler.setRedeliveryPolicy(policy);
    return handler;
  }

  /** What the routes may count on. */
  RouteShape shape() {
    return RouteShape.of(settings, bound);
  }

  CamelQueues queues() {
    return queues;
  }

  private List<String> names() {
    return remotes.stream().map(MirroredRemote::name).toList();
  }

  CamelRoutes routes() {
    return routes.orElseThrow();
  }

  /** True when not all route files that are in use are bundled ones. */
  boolean hasUserRoutes() {
    return routes().hasUserFiles();
  }

  CamelCounts counts() {
    return counts;
  }

  /** Makes an object known to routes; before the start. */
  void bind(String name, Object bean) {
    bound.put(name, bean.getClass());
    main.bind(name, bean);
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.putAll(settings.camel());
    properties.setProperty("camel.main.name", "caravan");
    properties.setProperty("camel.main.routesIncludePattern", "false");
    properties.setProperty("camel.main.shutdownTimeout", Integer.toString(SHUTDOWN_SECONDS));
    properties.setProperty("camel.main.shutdownLogInflightExchangesOnTimeout", "false");
    properties.setProperty("camel.main.autoConfigurationLogSummary", "false");
    properties.setProperty("camel.main.startupSummaryLevel", "Off");
    properties.setProperty("camel.main.jmxEnabled", "false");
    properties.setProperty("camel.main.streamCachingSpoolEnabled", "true");
    return properties;
  }

  /** Routes that begin with {@code platform-http:} are put on this server's router. */
  private void serve(Door door) {
    ApiServer made = door.server();
    int port = door.port();
    handlers.accept(made);
    VertxPlatformHttpServerConfiguration place = new VertxPlatformHttpServerConfiguration();
    place.setBindPort(port);
    main.bind("http-server", place);
    String name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
    main.bind(
        name,
        new VertxPlatformHttpRouter(null, made.vertx(), made.router(), name) {
          @Override
          public Handler<RoutingContext> bodyHandler() {
            return made.bodyHandler();
          }
        });
  }

  /** With Camel's own settings: {@code camel.ssl} and the switch that Camel has for it. */
  private void addTls(HttpServerOptions options) {
    SSLContextParameters tls = context().getSSLContextParameters();
    if (tls != null && usesTls(settings)) {
      try {
        VertxHelper.setupSSLOptions(context(), tls, options);
      } catch (Exception e) {
        throw new IllegalStateException("camel.ssl cannot be used: " + e.getMessage(), e);
      }
    }
  }

  /** Its certificates are Camel's, so it has to wait for Camel. */
  static boolean usesTls(Settings settings) {
    String wanted = settings.camel().getOrDefault(TLS_SWITCH, "false").toString();
    return Boolean.parseBoolean(wanted);
  }

  /** As many threads as the remote may be given calls now, and some. */
  private ExecutorService transfers(MirroredRemote remote) {
    int usual = settings.storage().transfers();
    int patient = Math.min(usual, PATIENT);
    IntSupplier calls =
        () -> remote.controls().map(each -> each.flow().state().window()).orElse(usual);
    return pool(
        "transfer-" + remote.name(), () -> Math.max(usual, calls.getAsInt()) + patient, WAITING);
  }

  private ExecutorService pool(String name, int threads, int waiting) {
    return pool(name, () -> threads, waiting);
  }

  private ExecutorService pool(String name, IntSupplier threads, int waiting) {
    AtomicInteger number = new AtomicInteger();
    ExecutorService pool =
        new RunThreads(
            threads,
            new ArrayBlockingQueue<>(waiting),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pools.add(pool);
    return pool;
  }

  CamelContext context() {
    return main.getCamelContext();
  }

  /** Sends a wake-up; a full queue means that one is on its way already. */
  void wake(Operation operation) {
    String consumer =
        operation == Operation.CHECK ? "check.request" : operation.label() + "-request";
    context()
        .createFluentProducerTemplate()
        .withBody(RunWake.UP)
        .to("seda:" + consumer + "?size=1&discardWhenFull=true")
        .send();
  }

  /**
   * Lets a route begin now whose clock is {@code quartz:caravan/name}; nothing where there is none.
   *
   * @throws RuntimeCamelException when Quartz cannot be told
   */
  void fire(String name) {
    JobKey job = JobKey.jobKey(name, "caravan");
    try {
      Scheduler clock = context().getComponent("quartz", QuartzComponent.class).getScheduler();
      if (clock.checkExists(job)) {
        clock.triggerJob(job);
      }
    } catch (SchedulerException e) {
      throw new RuntimeCamelException(e);
    }
  }

  void send(String uri) {
    context().createFluentProducerTemplate().to(uri).send();
  }

  void send(String uri, Object body) {
    context().createFluentProducerTemplate().withBody(body).to(uri).send();
  }

  /** Raises an alert; answers why the route failed, if it did. */
  Optional<String> raise(Map<String, Object> alert, String kind) {
    Exchange answer =
        context()
            .createFluentProducerTemplate()
            .withBody(new LinkedHashMap<>(alert))
            .withHeader("CamelCaravanAlert", kind)
            .to("direct:notify")
            .send();
    return Optional.ofNullable(answer.getException()).map(CamelHost::reason);
  }

  /** What the routes' own beans say is made for people; what others say may name addresses. */
  private static String reason(Exception fault) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof DeliveryException delivery) {
        return String.valueOf(delivery.getMessage());
      }
    }
    return "direct:notify failed with " + fault.getClass().getSimpleName();
  }

  @Override
  public void close() {
    server.ifPresent(ApiServer::wane);
    queues.wake();
    main.stop();
    server.ifPresent(ApiServer::close);
    pools.forEach(ExecutorService::shutdownNow);
  }
}
