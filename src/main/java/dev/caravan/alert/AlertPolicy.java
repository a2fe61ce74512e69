package dev.caravan.alert;

import dev.caravan.event.Operation;
import java.util.EnumSet;
import java.util.Set;

/**
 * When to tell, and whom.
 *
 * @param failures so many in a row raise an alert
 * @param pings whether there is a watchdog
 * @param host the machine, for people who look after several
 * @param store the store, for the same reason
 */
record AlertPolicy(int failures, boolean pings, String host, String store) {

  /** The watchdog watches what comes by itself, again and again; the rest would confuse it. */
  private static final Set<Operation> PINGED = EnumSet.of(Operation.SYNC);

  boolean isPinged(Operation operation) {
    return pings && PINGED.contains(operation);
  }
}
