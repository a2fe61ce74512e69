package dev.caravan;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;

/** Counts what each route has dealt with, by the route's id, so that counts outlive a reload. */
final class CamelCounts implements RoutePolicyFactory, RoutePolicy {

  /** Ids are few; but a user's routes may come and go for ever. */
  private static final int ROUTES_MAX = 2_000;

  private final Map<String, Count> counts = new ConcurrentHashMap<>();

  private record Count(LongAdder total, LongAdder failed) {}

  long total(String routeId) {
    Count count = counts.get(routeId);
    return count == null ? 0 : count.total.sum();
  }

  long failed(String routeId) {
    Count count = counts.get(routeId);
    return count == null ? 0 : count.failed.sum();
  }

  /** One policy for all routes, for Camel keeps each for ever. */
  @Override
  public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
    return this;
  }

  @Override
  public void onExchangeDone(Route route, Exchange exchange) {
    Count count = counts.get(route.getRouteId());
    if (count == null) {
      if (counts.size() >= ROUTES_MAX) {
        return;
      }
      count =
          counts.computeIfAbsent(
              route.getRouteId(), id -> new Count(new LongAdder(), new LongAdder()));
    }
    count.total.increment();
    if (exchange.isFailed()) {
      count.failed.increment();
    }
  }

  @Override
  public void onExchangeBegin(Route route, Exchange exchange) {}

  @Override
  public void onInit(Route route) {}

  @Override
  public void onRemove(Route route) {}

  @Override
  public void onStart(Route route) {}

  @Override
  public void onStop(Route route) {}

  @Override
  public void onSuspend(Route route) {}

  @Override
  public void onResume(Route route) {}
}
