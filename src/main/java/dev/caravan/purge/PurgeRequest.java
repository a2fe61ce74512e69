package dev.caravan.purge;

import dev.caravan.catalog.turn.RunWish;
import dev.caravan.event.Operation;
import dev.caravan.event.Trigger;
import java.time.Duration;
import java.util.Optional;

/**
 * A wish for a purge.
 *
 * @param dryRun only say what would go, and why everything else stays
 */
public record PurgeRequest(Trigger trigger, boolean dryRun, Terms terms) {

  /**
   * How much is to go.
   *
   * @param targetFreeBytes how much space shall be free; else the configured floor, unless an age
   *     is given
   * @param olderThan only what has not changed for longer (or was not read, where the coldest go
   *     first); without a target, all of it
   */
  public record Terms(Optional<Long> targetFreeBytes, Optional<Duration> olderThan) {

    /** Back above the floor. */
    public static final Terms FLOOR = new Terms(Optional.empty(), Optional.empty());

    /**
     * How much space shall be free; empty when age alone decides.
     *
     * @param floorBytes the configured floor
     */
    Optional<Long> goalBytes(long floorBytes) {
      return targetFreeBytes.isPresent() || olderThan.isPresent()
          ? targetFreeBytes
          : Optional.of(floorBytes);
    }
  }

  /** A purge that brings free space back above the floor. */
  public static PurgeRequest floor(Trigger trigger) {
    return new PurgeRequest(trigger, false, Terms.FLOOR);
  }

  static PurgeRequest of(RunWish wish) {
    Terms terms = wish.terms().map(Terms.class::cast).orElse(Terms.FLOOR);
    return new PurgeRequest(wish.trigger(), wish.dryRun(), terms);
  }

  /** As the queue of runs takes it. */
  public RunWish wish() {
    return new RunWish(Operation.PURGE, trigger, dryRun, Optional.of(terms));
  }
}
