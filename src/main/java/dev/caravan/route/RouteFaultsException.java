package dev.caravan.route;

import java.util.List;

/** The routes cannot be used as they are. The message has one line for each fault. */
public final class RouteFaultsException extends Exception {
  private static final long serialVersionUID = 1L;

  public RouteFaultsException(List<RouteFault> faults) {
    super(String.join("\n", faults.stream().map(RouteFault::text).toList()));
  }
}
