package dev.caravan.sync;

import dev.caravan.catalog.turn.RunWish;
import dev.caravan.event.Operation;
import dev.caravan.event.Trigger;

/**
 * A wish for a cycle.
 *
 * @param dryRun only plan
 */
public record SyncRequest(Trigger trigger, boolean dryRun) {

  /** As the queue of runs takes it. */
  public RunWish wish() {
    return RunWish.plain(Operation.SYNC, trigger, dryRun);
  }
}
