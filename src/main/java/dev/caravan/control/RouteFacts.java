package dev.caravan.control;

import java.util.List;

/** What is known of routes beside what Camel knows. */
public interface RouteFacts {

  /** The file that a route came from, for people: {@code bundled}, or where it lies. */
  String origin(String routeId);

  /** How many messages the route has dealt with since the start of the process. */
  long total(String routeId);

  /** How many of them it failed to deal with. */
  long failed(String routeId);

  /** What is wrong with the files that are not in use because of it, a line each. */
  List<String> faults();
}
