package dev.caravan.dgraph.proxy;

import dev.caravan.dgraph.read.AdminExchange;

/** Is shown what was asked of {@code /admin} and answered. */
@FunctionalInterface
public interface AdminWatch {

  /**
   * Called before the client has the last byte of the answer; returns once whatever it says is on
   * record. Called on threads that may wait, by several at once.
   */
  void answered(AdminExchange exchange);
}
