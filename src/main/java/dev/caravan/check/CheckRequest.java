package dev.caravan.check;

import dev.caravan.catalog.turn.RunWish;
import dev.caravan.event.Operation;
import dev.caravan.event.Trigger;
import java.util.Optional;

/** A wish for a check. */
public record CheckRequest(Trigger trigger, Terms terms) {

  /**
   * What is to be done.
   *
   * @param repair whether to mend what can be mended
   * @param daily only what is due today, of {@code check.cycle} and {@code check.drill}
   */
  public record Terms(CheckMode mode, boolean repair, boolean daily) {

    /** Everything. */
    public static Terms all(CheckMode mode, boolean repair) {
      return new Terms(mode, repair, false);
    }
  }

  /** What is due today. */
  static CheckRequest daily() {
    return new CheckRequest(Trigger.SCHEDULE, new Terms(CheckMode.FULL, false, true));
  }

  static CheckRequest of(RunWish wish) {
    return new CheckRequest(wish.trigger(), (Terms) wish.terms().orElseThrow());
  }

  /** As the queue of runs takes it. */
  RunWish wish() {
    return new RunWish(Operation.CHECK, trigger, false, Optional.of(terms));
  }
}
