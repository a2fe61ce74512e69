package dev.caravan.dgraph;

import dev.caravan.dgraph.read.Sighting;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/** Exports that were seen and could not be recorded yet, the oldest first. Thread safe. */
final class LateSightings {

  /** More than any Alpha takes in the time that a catalog can be out of order. */
  static final int MAX = 10_000;

  private final Deque<Late> waiting = new ArrayDeque<>();

  /**
   * One of them.
   *
   * @param at when the request came
   * @param credentials headers by which the client proved who it is
   */
  record Late(Sighting seen, Instant at, Map<String, String> credentials) {

    /** Nothing of what was said, for it may hold secrets. */
    @Override
    public String toString() {
      return "Late[at=" + at + "]";
    }
  }

  /** Keeps one; false when there are too many. */
  synchronized boolean add(Late late) {
    if (waiting.size() >= MAX) {
      return false;
    }
    waiting.addLast(late);
    return true;
  }

  /** The oldest, which stays until it is {@link #drop}ped. */
  synchronized Optional<Late> first() {
    return Optional.ofNullable(waiting.peekFirst());
  }

  synchronized void drop(Late late) {
    waiting.remove(late);
  }

  synchronized int size() {
    return waiting.size();
  }
}
