package dev.caravan;

import dev.caravan.control.RouteFacts;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles.RouteFile;
import java.util.List;
import java.util.function.Supplier;

/**
 * Tells the API what is known of routes.
 *
 * @param waiting what is wrong with files that are not in use because of it
 */
record CamelFacts(CamelHost camel, Supplier<List<RouteFault>> waiting) implements RouteFacts {

  @Override
  public String origin(String routeId) {
    return camel.routes().originOf(routeId).map(RouteFile::origin).orElse("made while running");
  }

  @Override
  public long total(String routeId) {
    return camel.counts().total(routeId);
  }

  @Override
  public long failed(String routeId) {
    return camel.counts().failed(routeId);
  }

  @Override
  public List<String> faults() {
    return waiting.get().stream().map(RouteFault::text).toList();
  }
}
