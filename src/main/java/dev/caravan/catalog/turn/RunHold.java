package dev.caravan.catalog.turn;

import dev.caravan.event.Operation;
import java.util.Set;

/** While one is open, no run of its queue begins. Who takes one closes that one, and no other. */
public final class RunHold {

  private final RunQueue queue;

  RunHold(RunQueue queue) {
    this.queue = queue;
  }

  /** True once no run is under way; as long as this is open, it stays so. */
  public boolean isQuiet() {
    return !queue.isRunning();
  }

  /**
   * Lets runs begin again, unless another hold is open.
   *
   * @return the operations of which a run waits or was turned away: the caller wakes their
   *     consumers
   */
  public Set<Operation> close() {
    return queue.release(this);
  }
}
