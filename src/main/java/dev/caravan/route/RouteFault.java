package dev.caravan.route;

import dev.caravan.route.RouteFiles.RouteFile;

/**
 * One thing that is wrong with a route file.
 *
 * @param file of the routes
 * @param place where it lies, for people
 * @param line from 1; 0 when there is none to point at
 */
public record RouteFault(String file, String place, int line, String message) {

  /** A fault of a file that was read. */
  public static RouteFault at(RouteFile file, int line, String message) {
    return new RouteFault(file.name(), file.shown(), line, message);
  }

  /** One line for people: {@code config/routes/a.camel.yaml:6: what is wrong}. */
  public String text() {
    return place + (line > 0 ? ":" + line : "") + ": " + message;
  }

  @Override
  public String toString() {
    return text();
  }
}
