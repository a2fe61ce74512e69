package dev.caravan.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** The steps that show, stop and start routes; registered as the bean {@code routes}. */
public final class RouteSteps {

  private static final long FINISH_SECONDS = 8;

  /** What an operator needs to start again what was stopped, and what watches over the process. */
  private static final List<String> DOOR = List.of("/api", "/observe");

  private final RouteFacts facts;

  public RouteSteps(RouteFacts facts) {
    this.facts = facts;
  }

  /** {@code GET /api/routes}. */
  public void list(Exchange exchange) {
    CamelContext context = exchange.getContext();
    Request.of(exchange);
    List<Map<String, @Nullable Object>> routes = new ArrayList<>();
    context.getRoutes().stream()
        .sorted(Comparator.comparing(Route::getRouteId))
        .forEach(route -> routes.add(view(context, route)));
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("routes", routes);
    answer.put("faults", facts.faults());
    Answers.json(exchange, 200, answer);
  }

  /** {@code POST /api/routes/{id}/start}. */
  public void start(Exchange exchange) throws Exception {
    Route route = route(exchange);
    exchange.getContext().getRouteController().startRoute(route.getRouteId());
    Answers.json(exchange, 200, view(exchange.getContext(), route));
  }

  /** {@code POST /api/routes/{id}/stop}: what is under way is finished first. */
  public void stop(Exchange exchange) throws Exception {
    Route route = route(exchange);
    String id = route.getRouteId();
    if (isDoor(route)) {
      throw new ApiFault(
          409, "Route '%s' serves this API itself; it cannot be stopped through it".formatted(id));
    }
    boolean stopped =
        exchange
            .getContext()
            .getRouteController()
            .stopRoute(id, FINISH_SECONDS, TimeUnit.SECONDS, true);
    if (!stopped) {
      exchange.getContext().getRouteController().startRoute(id);
      throw new ApiFault(409, "Route '%s' is busy; try again later".formatted(id));
    }
    Answers.json(exchange, 200, view(exchange.getContext(), route));
  }

  /** Whoever stopped the door could not open it again. */
  private static boolean isDoor(Route route) {
    String uri = route.getEndpoint().getEndpointBaseUri().replaceFirst("^platform-http:/*", "/");
    return route.getEndpoint().getEndpointUri().startsWith("platform-http:")
        && DOOR.stream().anyMatch(door -> uri.equals(door) || uri.startsWith(door + "/"));
  }

  private static Route route(Exchange exchange) {
    Request request = Request.of(exchange);
    request.body(Map.of());
    String id = request.segment(2);
    return Optional.ofNullable(exchange.getContext().getRoute(id))
        .orElseThrow(() -> new ApiFault(404, "There is no route '%s'".formatted(id)));
  }

  private Map<String, @Nullable Object> view(CamelContext context, Route route) {
    String id = route.getRouteId();
    ServiceStatus status = context.getRouteController().getRouteStatus(id);
    Map<String, @Nullable Object> counts = new LinkedHashMap<>();
    counts.put("total", facts.total(id));
    counts.put("failed", facts.failed(id));
    counts.put("inflight", context.getInflightRepository().size(id));
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("id", id);
    view.put("description", route.getDescription());
    view.put("from", URISupport.sanitizeUri(route.getEndpoint().getEndpointUri()));
    view.put("state", status == null ? "stopped" : status.name().toLowerCase(Locale.ROOT));
    view.put("origin", facts.origin(id));
    view.put("counts", counts);
    return view;
  }
}
