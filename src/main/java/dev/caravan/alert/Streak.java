package dev.caravan.alert;

import dev.caravan.event.Operation;
import java.util.Optional;

/**
 * How one kind of run has fared since it last succeeded.
 *
 * @param failures in a row, halts among them
 * @param alerted an alert about failures was raised
 * @param alertedHalt the kind of the halt about which an alert was raised
 */
record Streak(Operation operation, int failures, boolean alerted, Optional<String> alertedHalt) {

  static Streak none(Operation operation) {
    return new Streak(operation, 0, false, Optional.empty());
  }

  /** True when a person was told that something is wrong. */
  boolean isKnown() {
    return alerted || alertedHalt.isPresent();
  }

  Streak failed() {
    return new Streak(operation, failures + 1, alerted, alertedHalt);
  }

  Streak withAlert() {
    return new Streak(operation, failures, true, alertedHalt);
  }

  Streak withHalt(String kind) {
    return new Streak(operation, failures, alerted, Optional.of(kind));
  }
}
