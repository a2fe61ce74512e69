package dev.caravan.catalog.turn;

import dev.caravan.event.Operation;
import dev.caravan.event.Trigger;
import java.util.Optional;

/**
 * A wish for a run.
 *
 * @param dryRun only plan
 * @param terms what else was asked for; two wishes are fulfilled by one run only if it is the same
 */
public record RunWish(
    Operation operation, Trigger trigger, boolean dryRun, Optional<Record> terms) {

  /** A wish for no more than that. */
  public static RunWish plain(Operation operation, Trigger trigger, boolean dryRun) {
    return new RunWish(operation, trigger, dryRun, Optional.empty());
  }

  /** True for a wish that takes the same place in the queue: there is one for real runs. */
  boolean isLike(RunWish other) {
    return operation == other.operation() && dryRun == other.dryRun();
  }

  /** True when the run that fulfils the other wish fulfils this one. */
  boolean isMetBy(RunWish other) {
    return isLike(other) && terms.equals(other.terms());
  }
}
