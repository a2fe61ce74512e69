package dev.caravan;

import dev.caravan.control.mover.MoverCamel;
import dev.caravan.route.RouteContract;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles.RouteFile;
import dev.caravan.route.RouteShape;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import org.apache.camel.BeanScope;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.main.Main;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.reifier.RouteReifier;

/**
 * Loads route files in a Camel of its own, in which nothing is ever started, to find everything
 * that is wrong with them.
 */
final class CamelTrial implements AutoCloseable {

  private final Main main = new Main();
  private final RouteShape shape;
  private final CamelRoutes routes;
  private final List<RouteFault> faults = new ArrayList<>();

  private CamelTrial(RouteShape shape, boolean daemon) {
    this.shape = shape;
    // Beans stand in for those of the application, which the routes must not reach from here.
    shape.beans().forEach((name, type) -> main.bind(name, standIn(type)));
    shape.pools().forEach(name -> main.bind(name, ForkJoinPool.commonPool()));
    Properties properties = new Properties();
    shape.camel().forEach(properties::setProperty);
    properties.keySet().removeIf(key -> key.toString().startsWith("camel.server."));
    properties.setProperty("camel.main.name", "caravan-trial");
    properties.setProperty("camel.main.routesIncludePattern", "false");
    properties.setProperty("camel.main.autoConfigurationLogSummary", "false");
    properties.setProperty("camel.main.startupSummaryLevel", "Off");
    properties.setProperty("camel.main.jmxEnabled", "false");
    main.setInitialProperties(properties);
    main.init();
    this.routes =
        new CamelRoutes(
            main.getCamelContext(), shape.remotes(), shape.archives(), daemon, Set.of());
  }

  private static Object standIn(Class<?> type) {
    Processor processor = exchange -> {};
    return Processor.class.isAssignableFrom(type) ? processor : new Object();
  }

  /** What a set of files comes to: what is wrong, and what each file brings. */
  record Result(List<RouteFault> faults, Map<String, Facts> files) {}

  /**
   * What one file brings.
   *
   * @param ids of its routes
   * @param defined ids of its route configurations
   * @param used ids of the route configurations that its routes are made with
   */
  record Facts(List<String> ids, Set<String> defined, Set<String> used, boolean hasTemplates) {

    static final Facts NONE = new Facts(List.of(), Set.of(), Set.of(), false);

    static Facts of(CamelRoutes.Loaded file) {
      return new Facts(
          file.routes().stream().map(route -> String.valueOf(route.getRouteId())).toList(),
          file.configurations().stream()
              .map(each -> String.valueOf(each.getId()))
              .collect(Collectors.toSet()),
          CamelRoutes.configurationsOf(file.routes()),
          file.hasTemplates());
    }
  }

  /** Tries a set of files. */
  static Result of(RouteShape shape, boolean daemon, List<RouteFile> files) {
    try (CamelTrial trial = new CamelTrial(shape, daemon)) {
      trial.tryAll(files);
      return trial.result();
    } catch (RuntimeException e) {
      // What is handed to Camel as it is can be wrong, too.
      return new Result(List.of(CamelFaults.of("camel", e)), Map.of());
    }
  }

  /** Tries the file of {@code caravan datamover}, which has a Camel of its own. */
  static Result ofMover(RouteFile file) {
    RouteShape shape =
        new RouteShape(
            MoverCamel.BEANS, MoverCamel.POOLS, List.of(), List.of(), Map.of(), Map.of());
    try (CamelTrial trial = new CamelTrial(shape, true)) {
      if (trial.makeAll(List.of(file)) && trial.routes.consumers(MoverCamel.START).isEmpty()) {
        trial.faults.add(RouteFault.at(file, 0, "no route serves " + MoverCamel.START));
      }
      return trial.result();
    }
  }

  private void tryAll(List<RouteFile> files) {
    if (makeAll(files)) {
      faults.addAll(contract(routes, files, shape.endpoints()));
    }
  }

  /** Makes all routes as a start would; false when a file could not even be read. */
  private boolean makeAll(List<RouteFile> files) {
    for (RouteFile file : files) {
      faults.addAll(CamelFaults.ofFile(file, routes::read));
    }
    List<String> broken = faults.stream().map(RouteFault::file).toList();
    List<RouteFile> readable =
        files.stream().filter(file -> !broken.contains(file.name())).toList();
    try {
      routes.load(readable);
    } catch (Exception e) {
      routes.loading().ifPresent(file -> faults.add(CamelFaults.of(file, 0, e)));
      return false;
    }
    findTwins(readable);
    if (broken.isEmpty()) {
      routes.files().forEach(file -> file.routes().forEach(r -> findDeadEnds(r, file.file())));
    }
    routes.files().forEach(file -> file.routes().forEach(r -> make(r, file.file())));
    return broken.isEmpty();
  }

  /** Two routes of one id, or at one private endpoint. */
  private void findTwins(List<RouteFile> files) {
    Map<String, RouteFile> ids = new HashMap<>();
    Map<String, RouteFile> ends = new HashMap<>();
    for (RouteFile file : files) {
      for (RouteDefinition route : routes.find(file.name()).orElseThrow().routes()) {
        String id = String.valueOf(route.getRouteId());
        RouteFile other = ids.putIfAbsent(id, file);
        if (other != null) {
          faults.add(
              RouteFault.at(
                  file,
                  lineOf(route),
                  "there is another route '%s' in %s".formatted(id, other.shown())));
        }
        String uri = CamelRoutes.uriOf(route);
        RouteFile first = uri.startsWith("direct:") ? ends.putIfAbsent(uri, file) : null;
        if (first != null && other == null && !RouteContract.isPublic(uri)) {
          faults.add(
              RouteFault.at(
                  file, lineOf(route), uri + " is served by another route in " + first.shown()));
        }
      }
    }
  }

  /** Steps that call a route which no file has; of public endpoints the contract tells. */
  private void findDeadEnds(RouteDefinition route, RouteFile file) {
    for (ToDefinition to : steps(route, ToDefinition.class)) {
      String uri = to.getEndpointUri();
      String called = CamelRoutes.plain(uri);
      boolean mustBe =
          called.startsWith("direct:")
              && !called.contains("{{")
              && !uri.contains("failIfNoConsumers=false")
              && !RouteContract.isPublic(called);
      if (mustBe && routes.consumers(called).isEmpty()) {
        faults.add(RouteFault.at(file, lineOf(to, route), "no route serves " + called));
      }
    }
  }

  /** Public endpoints that have not exactly one consumer, and configured ones that have none. */
  static List<RouteFault> contract(
      CamelRoutes routes, Collection<RouteFile> files, Map<String, String> endpoints) {
    List<RouteFault> faults = new ArrayList<>();
    for (RouteContract each : RouteContract.values()) {
      Optional<RouteFile> home =
          files.stream().filter(file -> file.name().equals(each.home())).findFirst();
      List<RouteDefinition> consumers = routes.consumers(each.uri());
      if (consumers.isEmpty()) {
        home.ifPresent(
            file ->
                faults.add(
                    new RouteFault(
                        file.name(),
                        file.shown(),
                        0,
                        "no route serves " + each.uri() + ", which must have exactly one")));
      } else if (consumers.size() > 1) {
        RouteDefinition last = consumers.get(consumers.size() - 1);
        String message =
            "%d routes serve %s, which must have exactly one"
                .formatted(consumers.size(), each.uri());
        routes
            .fileOf(last)
            .ifPresent(file -> faults.add(RouteFault.at(file, lineOf(last), message)));
      }
    }
    endpoints.forEach(
        (key, uri) -> {
          boolean called = uri.startsWith("direct:") || uri.startsWith("seda:");
          if (called && routes.consumers(CamelRoutes.plain(uri)).isEmpty()) {
            faults.add(new RouteFault("", key, 0, "no route serves " + CamelRoutes.plain(uri)));
          } else if (!called) {
            routes.resolve(uri).ifPresent(e -> faults.add(CamelFaults.of(key, e)));
          }
        });
    return faults;
  }

  /** Makes a route as a start would. */
  private void make(RouteDefinition route, RouteFile file) {
    CamelContext context = main.getCamelContext();
    int before = faults.size();
    try {
      Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
      RouteDefinitionHelper.forceAssignIds(context, model.getRouteDefinitions());
      if (!route.isPrepared()) {
        RouteDefinitionHelper.prepareRoute(context, route);
        route.markPrepared();
      }
      context.getPropertiesComponent().setLocalProperties(CamelRoutes.parametersOf(route));
      routes
          .resolve(route.getInput().getEndpointUri())
          .ifPresent(e -> faults.add(CamelFaults.of(file, lineOf(route), e)));
      findBadSteps(route, file);
      if (faults.size() == before) {
        new RouteReifier(context, route).createRoute();
      }
    } catch (Exception e) {
      faults.add(CamelFaults.of(file, lineOf(route), e));
    } finally {
      context.getPropertiesComponent().setLocalProperties(null);
    }
  }

  /** Steps that can be judged one by one, so that their own line is told. */
  private void findBadSteps(RouteDefinition route, RouteFile file) {
    for (ToDefinition to : steps(route, ToDefinition.class)) {
      try {
        main.getCamelContext().getEndpoint(to.getEndpointUri());
      } catch (Exception e) {
        faults.add(CamelFaults.of(file, lineOf(to, route), e));
      }
    }
    for (BeanDefinition bean : steps(route, BeanDefinition.class)) {
      // Else Camel would look for the method in the stand-in.
      bean.setScope(BeanScope.Prototype.name());
      badBean(bean).ifPresent(why -> faults.add(RouteFault.at(file, lineOf(bean, route), why)));
    }
  }

  private static <T extends ProcessorDefinition<?>> Collection<T> steps(
      RouteDefinition route, Class<T> type) {
    return ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), type);
  }

  private Optional<String> badBean(BeanDefinition bean) {
    String ref = bean.getRef();
    if (ref == null || ref.contains("{{")) {
      return Optional.empty();
    }
    Class<?> type = shape.beans().get(ref);
    if (type == null) {
      boolean there = main.getCamelContext().getRegistry().lookupByName(ref) != null;
      return there ? Optional.empty() : Optional.of("there is no bean '" + ref + "'");
    }
    String method = bean.getMethod() == null ? "" : bean.getMethod().replaceFirst("\\(.*", "");
    boolean known = Arrays.stream(type.getMethods()).map(Method::getName).anyMatch(method::equals);
    return known || method.isEmpty()
        ? Optional.empty()
        : Optional.of("bean '%s' has no method '%s'".formatted(ref, method));
  }

  private static int lineOf(ProcessorDefinition<?> step, RouteDefinition route) {
    return step.getLineNumber() > 0 ? step.getLineNumber() : lineOf(route);
  }

  private static int lineOf(RouteDefinition route) {
    int line = route.getInput() == null ? 0 : route.getInput().getLineNumber();
    return Math.max(0, line > 0 ? line : route.getLineNumber());
  }

  private Result result() {
    Map<String, Facts> files = new LinkedHashMap<>();
    routes.files().forEach(file -> files.put(file.file().name(), Facts.of(file)));
    return new Result(List.copyOf(faults), files);
  }

  @Override
  public void close() {
    main.shutdown();
  }
}
