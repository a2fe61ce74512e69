package dev.caravan.snapshot.move;

import java.util.List;

/**
 * Some steps that follow one another: one message for the routes, so that a file costs no message
 * of its own.
 *
 * @param number 0 for the first; the manifest is written in this order
 */
public record Batch(long number, List<Step> steps) {

  public Batch {
    steps = List.copyOf(steps);
  }
}
