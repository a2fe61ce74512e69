package dev.caravan;

import dev.caravan.catalog.turn.RunHold;
import dev.caravan.event.Operation;
import dev.caravan.route.RouteContract;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles.RouteFile;
import dev.caravan.route.RouteShape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RouteController;

/** Exchanges route files in a running Camel: old ones finish what they have begun, then go. */
final class CamelStage implements RouteReload.Stage {

  private static final int FINISH_SECONDS = 5;

  private final CamelContext context;
  private final CamelRoutes routes;
  private final RouteShape shape;
  private final CamelQueues queues;
  private final RunGate gate;
  private Optional<RunHold> hold = Optional.empty();

  /** Keeps runs from beginning while the routes that they are made of are exchanged. */
  interface RunGate {

    /** Lets no run begin until the hold is closed. */
    RunHold hold();

    /** Wakes what carries out the runs of an operation. */
    void wake(Operation operation);
  }

  CamelStage(CamelHost camel, RunGate gate) {
    this.context = camel.context();
    this.routes = camel.routes();
    this.shape = camel.shape();
    this.queues = camel.queues();
    this.gate = gate;
  }

  @Override
  public List<RouteFile> live() {
    return routes.files().stream().map(CamelRoutes.Loaded::file).toList();
  }

  @Override
  public List<RouteFault> check(List<RouteFile> files) {
    return CamelTrial.of(shape, true, files).faults();
  }

  @Override
  public boolean swap(List<RouteFile> wanted) throws Exception {
    Set<String> affected = affected(wanted);
    if (isPartOfRuns(affected) && !isQuiet()) {
      return false;
    }
    List<CamelRoutes.Loaded> old =
        routes.files().stream().filter(file -> affected.contains(file.file().name())).toList();
    Set<String> asleep = asleep(old);
    List<String> stopped = new ArrayList<>();
    if (!stop(old, stopped)) {
      start(stopped, asleep);
      return false;
    }
    List<RouteFile> before = old.stream().map(CamelRoutes.Loaded::file).toList();
    remove(old);
    try {
      routes.load(wanted.stream().filter(file -> affected.contains(file.name())).toList());
    } catch (Exception e) {
      List<CamelRoutes.Loaded> half =
          routes.files().stream().filter(file -> affected.contains(file.file().name())).toList();
      stop(half, new ArrayList<>());
      remove(half);
      routes.load(before);
      throw e;
    } finally {
      for (String id : asleep) {
        if (context.getRoute(id) != null) {
          context.getRouteController().stopRoute(id);
        }
      }
    }
    return true;
  }

  private boolean isQuiet() {
    RunHold mine = hold.orElseGet(gate::hold);
    hold = Optional.of(mine);
    return mine.isQuiet();
  }

  @Override
  public void rest() {
    Optional<RunHold> mine = hold;
    hold = Optional.empty();
    mine.ifPresent(each -> each.close().forEach(gate::wake));
  }

  /** The files that differ, and those whose routes are made with something from them. */
  private Set<String> affected(List<RouteFile> wanted) {
    Set<String> affected = new LinkedHashSet<>();
    Set<String> names = new LinkedHashSet<>();
    wanted.forEach(file -> names.add(file.name()));
    live().forEach(file -> names.add(file.name()));
    for (String name : names) {
      RouteFile now = routes.find(name).map(CamelRoutes.Loaded::file).orElse(null);
      RouteFile then =
          wanted.stream().filter(file -> file.name().equals(name)).findFirst().orElse(null);
      if (!Objects.equals(now, then)) {
        affected.add(name);
      }
    }
    affected.addAll(dependents(Set.copyOf(affected), wanted));
    return affected;
  }

  private Set<String> dependents(Set<String> changed, List<RouteFile> wanted) {
    Map<String, CamelTrial.Facts> trial = CamelTrial.of(shape, true, wanted).files();
    Set<String> configurations = new HashSet<>();
    boolean templates = false;
    for (String name : changed) {
      CamelTrial.Facts then = trial.getOrDefault(name, CamelTrial.Facts.NONE);
      CamelTrial.Facts now =
          routes.find(name).map(CamelTrial.Facts::of).orElse(CamelTrial.Facts.NONE);
      configurations.addAll(then.defined());
      configurations.addAll(now.defined());
      templates |= then.hasTemplates() || now.hasTemplates();
    }
    Set<String> found = new LinkedHashSet<>();
    for (CamelRoutes.Loaded file : routes.files()) {
      Set<String> used = new HashSet<>(CamelTrial.Facts.of(file).used());
      used.addAll(trial.getOrDefault(file.file().name(), CamelTrial.Facts.NONE).used());
      used.retainAll(configurations);
      // What steps back for a user's route may have to come again, or to step back now.
      if (!used.isEmpty() || (templates && file.usesTemplates()) || file.yields()) {
        found.add(file.file().name());
      }
    }
    return found;
  }

  private boolean isPartOfRuns(Set<String> files) {
    return RouteContract.runs().stream()
        .flatMap(uri -> routes.consumers(uri).stream())
        .flatMap(route -> routes.fileOf(route).stream())
        .anyMatch(file -> files.contains(file.name()));
  }

  private Set<String> asleep(Collection<CamelRoutes.Loaded> files) {
    Set<String> asleep = new LinkedHashSet<>();
    for (String id : ids(files)) {
      if (context.getRouteController().getRouteStatus(id) == ServiceStatus.Stopped) {
        asleep.add(id);
      }
    }
    return asleep;
  }

  /** What begins by itself stops first, so that what it calls is idle when its turn comes. */
  private static List<String> ids(Collection<CamelRoutes.Loaded> files) {
    Comparator<RouteDefinition> called =
        Comparator.comparing(route -> CamelRoutes.uriOf(route).startsWith("direct:"));
    return files.stream()
        .flatMap(file -> file.routes().stream())
        .sorted(called)
        .map(RouteDefinition::getRouteId)
        .filter(Objects::nonNull)
        .toList();
  }

  /** False when one of them did not finish in time. */
  private boolean stop(Collection<CamelRoutes.Loaded> files, List<String> stopped)
      throws Exception {
    RouteController controller = context.getRouteController();
    queues.wake();
    try {
      for (String id : ids(files)) {
        ServiceStatus status = controller.getRouteStatus(id);
        if (status != null && status.isStoppable()) {
          stopped.add(id);
          if (!controller.stopRoute(id, FINISH_SECONDS, TimeUnit.SECONDS, true)) {
            return false;
          }
        }
      }
    } finally {
      queues.rest();
    }
    return true;
  }

  private void start(List<String> stopped, Set<String> asleep) throws Exception {
    for (String id : stopped) {
      if (!asleep.contains(id)) {
        context.getRouteController().startRoute(id);
      }
    }
  }

  private void remove(Collection<CamelRoutes.Loaded> files) throws Exception {
    for (CamelRoutes.Loaded file : files) {
      routes.remove(file);
    }
  }
}
