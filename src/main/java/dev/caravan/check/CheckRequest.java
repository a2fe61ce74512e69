package dev.caravan.check;

import dev.caravan.event.Trigger;

/** A wish for a check. */
public record CheckRequest(Trigger trigger, Terms terms) {

  /**
   * What is to be done.
   *
   * @param repair whether to mend what can be mended
   */
  public record Terms(CheckMode mode, boolean repair) {}
}
