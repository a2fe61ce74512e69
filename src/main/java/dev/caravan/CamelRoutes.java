package dev.caravan;

import dev.caravan.route.RouteContract;
import dev.caravan.route.RouteFiles.RouteFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.service.ServiceHelper;

/** The route files that one Camel has loaded, and what came of each. */
final class CamelRoutes {

  /**
   * Templates, what the routes made from them are called in front, and the parameter that says for
   * what: one for each remote, in sync.camel.yaml, and one for each archive, in archive.camel.yaml.
   */
  private record Template(String id, String prefix, String parameter, List<String> names) {}

  /** What begins by nothing but a message from another route. */
  private static final Set<String> CALLED = Set.of("direct", "seda");

  private final CamelContext context;
  private final Model model;
  private final List<Template> templates;
  private final boolean daemon;
  private final Set<String> idle;
  private final Map<String, Loaded> files = new LinkedHashMap<>();
  private Optional<RouteFile> loading = Optional.empty();
  private volatile boolean userFiles;

  /**
   * @param remotes each gets a route of its own from the template sync-transfer
   * @param archives each gets one from the template archive-queue
   * @param daemon false for one run: then no route of the user's begins by itself
   * @param idle ids of bundled routes that have nothing to do, and are not started
   */
  CamelRoutes(
      CamelContext context,
      List<String> remotes,
      List<String> archives,
      boolean daemon,
      Set<String> idle) {
    this.context = context;
    this.model = context.getCamelContextExtension().getContextPlugin(Model.class);
    this.templates =
        List.of(
            new Template("sync-transfer", "sync.transfer.", "remote", List.copyOf(remotes)),
            new Template("archive-queue", "archive.queue.", "archive", List.copyOf(archives)));
    this.daemon = daemon;
    this.idle = Set.copyOf(idle);
  }

  /** What one file brought. */
  static final class Loaded {
    private final RouteFile file;
    private final RouteBuilder builder;
    private final List<RouteDefinition> routes = new ArrayList<>();
    private final List<RouteConfigurationDefinition> configurations = new ArrayList<>();
    private final List<RouteTemplateDefinition> templates = new ArrayList<>();
    private final List<RestDefinition> rests = new ArrayList<>();
    private boolean yields;

    private Loaded(RouteFile file, RouteBuilder builder) {
      this.file = file;
      this.builder = builder;
    }

    RouteFile file() {
      return file;
    }

    List<RouteDefinition> routes() {
      return routes;
    }

    List<RouteConfigurationDefinition> configurations() {
      return configurations;
    }

    /** True for a bundled file of which something steps back for routes of the user's. */
    boolean yields() {
      return yields;
    }

    boolean hasTemplates() {
      return !templates.isEmpty();
    }

    boolean usesTemplates() {
      return !builder.getTemplatedRouteCollection().getTemplatedRoutes().isEmpty();
    }
  }

  /** In the order in which they were loaded. */
  Collection<Loaded> files() {
    return files.values();
  }

  /** True once a file of the user's was loaded; cheap enough to be asked for each file. */
  boolean hasUserFiles() {
    return userFiles;
  }

  Optional<Loaded> find(String file) {
    return Optional.ofNullable(files.get(file));
  }

  /** The file that was loaded last, or that could not be. */
  Optional<RouteFile> loading() {
    return loading;
  }

  /** The file that the route of this id came from. */
  Optional<RouteFile> originOf(String routeId) {
    return files.values().stream()
        .filter(each -> each.routes.stream().anyMatch(r -> routeId.equals(r.getRouteId())))
        .map(Loaded::file)
        .findFirst();
  }

  /** Reads a file, all of it, to no other end than to find out whether that can be done. */
  void read(RouteFile file) throws Exception {
    parse(file).configureRoutes(context);
  }

  private RouteBuilder parse(RouteFile file) throws Exception {
    Resource resource = ResourceHelper.fromString(file.uri(), file.text());
    Collection<RoutesBuilder> builders =
        PluginHelper.getRoutesLoader(context).findRoutesBuilders(resource);
    for (RoutesBuilder each : builders) {
      if (each instanceof RouteBuilder builder) {
        return builder;
      }
    }
    throw new IllegalArgumentException("holds no routes");
  }

  /**
   * Loads files. What could be loaded before a failure stays, so that it can be taken away; in a
   * Camel that has started, routes start at once.
   */
  void load(List<RouteFile> wanted) throws Exception {
    List<Loaded> loaded = new ArrayList<>();
    for (RouteFile file : wanted) {
      loading = Optional.of(file);
      Loaded each = new Loaded(file, parse(file));
      files.put(file.name(), each);
      loaded.add(each);
      if (!file.bundled()) {
        userFiles = true;
      }
    }
    for (Loaded each : loaded) {
      if (each.builder instanceof RouteConfigurationsBuilder builder) {
        noting(each, () -> builder.addRouteConfigurationsToCamelContext(context));
      }
    }
    // Routes are read when their configurations are known, for they are made with them.
    for (Loaded each : loaded) {
      noting(each, () -> each.builder.configureRoutes(context));
    }
    loaded.forEach(this::stepBack);
    for (Loaded each : loaded) {
      noting(each, () -> each.builder.addRoutesToCamelContext(context));
    }
    for (Loaded each : loaded) {
      noting(each, () -> each.builder.addTemplatedRoutesToCamelContext(context));
    }
    addFromTemplates();
    if (context.isStarted()) {
      rest();
    }
  }

  /**
   * Lets the clocks of routes rest that have nothing to do: Quartz runs for an endpoint, and not
   * for the route that begins at it. A route that a person starts starts its endpoint as well.
   */
  void rest() {
    idle.stream()
        .map(context::getRoute)
        .filter(Objects::nonNull)
        .filter(route -> schemeOf(route).equals("quartz"))
        .forEach(route -> ServiceHelper.stopService(route.getEndpoint()));
  }

  private static String schemeOf(Route route) {
    return route.getEndpoint().getEndpointUri().replaceFirst(":.*", "");
  }

  /** Takes out what gives way to the user's routes, and in one run what begins by itself. */
  private void stepBack(Loaded each) {
    List<RouteDefinition> routes = each.builder.getRouteCollection().getRoutes();
    if (each.file.bundled()) {
      each.yields = routes.stream().anyMatch(route -> RouteContract.gives(uriOf(route)));
      routes.removeIf(route -> RouteContract.gives(uriOf(route)) && isServedByUser(uriOf(route)));
      if (!daemon) {
        // One run is called for directly; a queue would take a second to start and one to stop.
        routes.stream()
            .filter(route -> RouteContract.isQueue(uriOf(route)))
            .forEach(route -> route.autoStartup(false));
      }
      routes.stream()
          .filter(route -> idle.contains(route.getRouteId()))
          .forEach(route -> route.autoStartup(false));
    } else if (!daemon) {
      routes.removeIf(route -> !CALLED.contains(uriOf(route).replaceFirst(":.*", "")));
    }
  }

  private boolean isServedByUser(String uri) {
    return files.values().stream()
        .filter(each -> !each.file.bundled())
        .flatMap(each -> each.builder.getRouteCollection().getRoutes().stream())
        .anyMatch(route -> uriOf(route).equals(uri));
  }

  private void addFromTemplates() throws Exception {
    for (Template template : templates) {
      Optional<Loaded> owner =
          files.values().stream()
              .filter(
                  each -> each.templates.stream().anyMatch(t -> template.id().equals(t.getId())))
              .findFirst();
      if (owner.isPresent()) {
        addFrom(template, owner.get());
      }
    }
  }

  private void addFrom(Template template, Loaded owner) throws Exception {
    for (String name : template.names()) {
      String id = template.prefix() + name;
      if (model.getRouteDefinition(id) == null) {
        noting(
            owner,
            () ->
                TemplatedRouteBuilder.builder(context, template.id())
                    .routeId(id)
                    .parameter(template.parameter(), name)
                    .add());
      }
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Notes what a step adds as the file's, also when it fails half-way. */
  private void noting(Loaded file, Step step) throws Exception {
    loading = Optional.of(file.file);
    List<RouteDefinition> routes = List.copyOf(model.getRouteDefinitions());
    List<RouteConfigurationDefinition> configurations =
        List.copyOf(model.getRouteConfigurationDefinitions());
    List<RouteTemplateDefinition> templates = List.copyOf(model.getRouteTemplateDefinitions());
    List<RestDefinition> rests = List.copyOf(model.getRestDefinitions());
    try {
      step.run();
    } finally {
      added(routes, model.getRouteDefinitions()).forEach(file.routes::add);
      added(configurations, model.getRouteConfigurationDefinitions())
          .forEach(file.configurations::add);
      added(templates, model.getRouteTemplateDefinitions()).forEach(file.templates::add);
      added(rests, model.getRestDefinitions()).forEach(file.rests::add);
    }
  }

  private static <T> Stream<T> added(List<T> before, List<T> now) {
    Set<T> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.addAll(before);
    return List.copyOf(now).stream().filter(each -> !known.contains(each));
  }

  /** Takes a file's routes away; they must have been stopped. */
  void remove(Loaded file) throws Exception {
    for (RouteDefinition route : file.routes) {
      model.removeRouteDefinition(route);
    }
    for (RouteTemplateDefinition template : file.templates) {
      model.removeRouteTemplateDefinition(template);
    }
    for (RouteConfigurationDefinition configuration : file.configurations) {
      model.getRouteConfigurationDefinitions().remove(configuration);
    }
    model.getRestDefinitions().removeAll(file.rests);
    file.builder.getBeans().forEach(bean -> context.getRegistry().unbind(bean.getName()));
    files.remove(file.file.name(), file);
  }

  /** The file that a route came from. */
  Optional<RouteFile> fileOf(RouteDefinition route) {
    return files.values().stream()
        .filter(each -> each.routes.stream().anyMatch(own -> own == route))
        .map(Loaded::file)
        .findFirst();
  }

  /** Why an endpoint cannot be; empty when it can. */
  Optional<Exception> resolve(String uri) {
    try {
      context.getEndpoint(uri);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  /** Routes that begin at this endpoint. */
  List<RouteDefinition> consumers(String uri) {
    Predicate<RouteDefinition> begins = route -> uriOf(route).equals(uri);
    return files.values().stream().flatMap(each -> each.routes.stream()).filter(begins).toList();
  }

  /** The ids of the route configurations that routes were made with. */
  static Set<String> configurationsOf(List<RouteDefinition> routes) {
    return routes.stream()
        .map(RouteDefinition::getAppliedRouteConfigurationIds)
        .filter(Objects::nonNull)
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  /**
   * Where a route begins, without options: {@code direct:sync-run}. One that was made from a
   * template has the values that it was made with in it.
   */
  static String uriOf(RouteDefinition route) {
    String uri = route.getInput() == null ? "" : route.getInput().getEndpointUri();
    return uri == null ? "" : plain(resolved(uri, parametersOf(route)));
  }

  private static String resolved(String uri, Properties parameters) {
    String resolved = uri;
    for (String name : parameters.stringPropertyNames()) {
      resolved = resolved.replace("{{" + name + "}}", parameters.getProperty(name));
    }
    return resolved;
  }

  /** Of the template that a route was made from; empty where there was none. */
  static Properties parametersOf(RouteDefinition route) {
    Properties parameters = new Properties();
    if (route.getTemplateParameters() != null) {
      route
          .getTemplateParameters()
          .forEach((name, value) -> parameters.setProperty(name, String.valueOf(value)));
    }
    return parameters;
  }

  /** A URI without options, and with one form of its slashes. */
  static String plain(String uri) {
    int options = uri.indexOf('?');
    String path = options < 0 ? uri : uri.substring(0, options);
    int scheme = path.indexOf(':');
    return scheme > 0 && path.startsWith("//", scheme + 1)
        ? path.substring(0, scheme + 1) + path.substring(scheme + 3)
        : path;
  }
}
