package dev.caravan.control.mover;

import dev.caravan.route.RouteFiles.RouteFile;
import dev.caravan.snapshot.MoverRun;
import dev.caravan.snapshot.MoverSteps;
import dev.caravan.snapshot.env.MoverTuning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** A Camel with the routes of the mover and nothing else. */
public final class MoverCamel implements AutoCloseable {

  /** What a run is sent to; a route has to serve it. */
  public static final String START = "direct:datamover.run";

  private static final String BEAN = "datamover";
  private static final String TRANSFERS = "datamover-transfers";
  private static final String CHECKERS = "datamover-checkers";

  /** The beans that its routes may call, by their names. */
  public static final Map<String, Class<?>> BEANS = Map.of(BEAN, MoverSteps.class);

  /** The thread pools that its routes may name. */
  public static final Set<String> POOLS = Set.of(TRANSFERS, CHECKERS);

  /** Messages that wait for a thread, each with up to 128 files. */
  private static final int WAITING = 32;

  private final Main main = new Main();
  private final List<ExecutorService> pools = new ArrayList<>();
  private final MoverRun run;
  private final MoverTuning tuning;

  MoverCamel(MoverRun run, MoverTuning tuning) {
    this.run = run;
    this.tuning = tuning;
  }

  /**
   * Loads the routes and goes through them once.
   *
   * @throws Exception when they cannot be loaded, or failed where nothing handled it
   */
  void run(RouteFile routes) throws Exception {
    main.bind(BEAN, new MoverSteps(run));
    main.bind(TRANSFERS, pool("transfer", tuning.transfers().most()));
    main.bind(CHECKERS, pool("check", tuning.checkers()));
    main.setInitialProperties(properties());
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void afterConfigure(BaseMainSupport support) {
            load(support, routes);
          }
        });
    main.start();
    Exchange answer = main.getCamelContext().createFluentProducerTemplate().to(START).send();
    if (answer.getException() != null) {
      throw answer.getException();
    }
  }

  private static void load(BaseMainSupport support, RouteFile file) {
    var context = support.getCamelContext();
    context.getGlobalOptions().put(Exchange.LOG_EIP_NAME, "${routeId}");
    try {
      for (RoutesBuilder each :
          PluginHelper.getRoutesLoader(context)
              .findRoutesBuilders(ResourceHelper.fromString(file.uri(), file.text()))) {
        context.addRoutes(each);
      }
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  private static Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("camel.main.name", "caravan-datamover");
    properties.setProperty("camel.main.routesIncludePattern", "false");
    properties.setProperty("camel.main.shutdownTimeout", "5");
    properties.setProperty("camel.main.autoConfigurationLogSummary", "false");
    properties.setProperty("camel.main.startupSummaryLevel", "Off");
    properties.setProperty("camel.main.jmxEnabled", "false");
    return properties;
  }

  /** Who fills it does some of the work when it is full: that is how the walk is held back. */
  private ExecutorService pool(String name, int threads) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
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

  @Override
  public void close() {
    main.stop();
    pools.forEach(ExecutorService::shutdownNow);
  }
}
