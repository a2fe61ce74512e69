package dev.caravan.purge;

import dev.caravan.event.StorePath;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The rules that a purge is planned by.
 *
 * @param admits whether the filters of the store admit a file
 * @param included whether {@code purge.include} names it
 * @param guarded whether it may never leave: {@code purge.protect}, and what is Caravan's or dccd's
 * @param olderThan only what was used before then
 * @param copies how many remotes must be shown to hold it; at least one
 */
public record PurgePolicy(
    Predicate<StorePath> admits,
    Predicate<StorePath> included,
    Predicate<StorePath> guarded,
    Duration minAge,
    Optional<Duration> olderThan,
    int copies) {

  public PurgePolicy {
    if (copies < 1) {
      throw new IllegalArgumentException("A purge needs at least one proven copy");
    }
  }
}
