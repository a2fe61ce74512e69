package dev.caravan.event;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the newest events and wakes those who follow them. Everybody reads from here at a pace of
 * their own: whoever publishes waits for nobody, and a slow reader costs no memory, but loses what
 * is no longer held.
 *
 * <p>The first id of a process is the time of its start in microseconds. So the ids of a former
 * process are smaller than all of this one's, and whoever comes back with one of them is not taken
 * for a reader of this process.
 */
public final class EventBus {

  /** How many events are told again to a reader who comes back. */
  public static final int REPLAY_MAX = 1_000;

  /** More than the catalog commits at once: readers who keep up must not lose any of those. */
  private static final int HELD_MAX = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger("caravan.events");

  private final long first;
  private final List<Consumer<Event>> listeners = new CopyOnWriteArrayList<>();
  private Event[] ring = new Event[256];
  private long next;

  public EventBus(Clock clock) {
    this.first = clock.millis() * 1_000;
    this.next = first;
  }

  /** Tells what happened to a run. */
  public void publish(RunId run, EventContent content) {
    publish(Optional.of(run), content);
  }

  /** Tells what happened outside of any run. */
  public void publish(EventContent content) {
    publish(Optional.empty(), content);
  }

  private void publish(Optional<RunId> run, EventContent content) {
    Event event;
    synchronized (this) {
      event = new Event(next, run, content);
      if (held() == ring.length && ring.length < HELD_MAX) {
        grow();
      }
      ring[slot(next)] = event;
      next++;
    }
    for (Consumer<Event> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        // Whoever publishes has work to do that must not fail because of somebody who listens.
        LOG.debug("A listener failed", e);
      }
    }
  }

  private void grow() {
    Event[] larger = new Event[ring.length * 2];
    for (long id = oldest(); id < next; id++) {
      larger[(int) ((id - first) % larger.length)] = ring[slot(id)];
    }
    ring = larger;
  }

  private int slot(long id) {
    return (int) ((id - first) % ring.length);
  }

  private int held() {
    return (int) Math.min(next - first, ring.length);
  }

  /** The first event that is still held, or the next one when none is. */
  synchronized long oldest() {
    return next - held();
  }

  /**
   * Calls somebody for each event from now on, on the thread that publishes: whoever is called must
   * not do more than remember that there is something to read.
   *
   * @return ends it
   */
  public Runnable listen(Consumer<Event> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * Where a reader begins.
   *
   * @param after the id after which to read on
   * @param lost whether events between the one the reader knows and the first one to read are gone
   */
  public record Place(long after, boolean lost) {}

  /**
   * Finds the place of a reader who comes back, or of a new one, who is told of nothing that was
   * before.
   *
   * @param known the last event that the reader knows; an id that was never given out, or by a
   *     former process, means all that can be told again
   */
  public synchronized Place find(OptionalLong known) {
    long newest = next - 1;
    long replayed = Math.max(first, next - REPLAY_MAX) - 1;
    if (known.isEmpty()) {
      return new Place(newest, false);
    }
    long id = known.getAsLong();
    boolean held = id >= replayed && id >= first && id <= newest;
    return held ? new Place(id, false) : new Place(replayed, true);
  }

  /**
   * Some events that follow one another.
   *
   * @param lost true when what came next is no longer held; the events are empty then
   */
  public record Portion(List<Event> events, boolean lost) {}

  /** What came after an event, at most so many. */
  public synchronized Portion read(long after, int most) {
    if (after + 1 < oldest()) {
      return new Portion(List.of(), true);
    }
    long end = Math.min(next, after + 1 + most);
    List<Event> events = new ArrayList<>((int) Math.max(0, end - after - 1));
    for (long id = after + 1; id < end; id++) {
      events.add(ring[slot(id)]);
    }
    return new Portion(events, false);
  }
}
