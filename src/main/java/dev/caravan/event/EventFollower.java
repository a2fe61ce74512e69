package dev.caravan.event;

import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One thread that hands every event to somebody who may be slow. Nobody waits for it: what it does
 * not get to before it is no longer held is lost, and counted.
 */
public final class EventFollower implements AutoCloseable {

  private static final int PORTION_MAX = 256;

  private final EventBus bus;
  private final Consumer<Event> hand;
  private final LongConsumer lost;
  private final Thread thread;
  private final Runnable deaf;
  private final Semaphore due = new Semaphore(0);
  private volatile long after;
  private volatile boolean closed;

  /**
   * Begins to follow.
   *
   * @param hand is handed each event; it throws nothing
   * @param lost is told how many events were lost, where some were
   */
  public EventFollower(EventBus bus, String name, Consumer<Event> hand, LongConsumer lost) {
    this.bus = bus;
    this.hand = hand;
    this.lost = lost;
    this.after = bus.find(OptionalLong.empty()).after();
    this.thread = new Thread(this::follow, name);
    thread.setDaemon(true);
    this.deaf = bus.listen(this::published);
    thread.start();
  }

  private void published(Event event) {
    if (due.availablePermits() == 0) {
      due.release();
    }
  }

  private void follow() {
    try {
      boolean last = false;
      while (!last) {
        due.acquire();
        due.drainPermits();
        // Read before, so that what was published until the end is handed on.
        last = closed;
        handOn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void handOn() {
    while (true) {
      EventBus.Portion portion = bus.read(after, PORTION_MAX);
      if (portion.lost()) {
        long oldest = bus.oldest();
        lost.accept(oldest - after - 1);
        after = oldest - 1;
        continue;
      }
      if (portion.events().isEmpty()) {
        return;
      }
      for (Event event : portion.events()) {
        if (closed && Thread.currentThread().isInterrupted()) {
          return;
        }
        hand.accept(event);
        after = event.id();
      }
    }
  }

  /** Hands on what is left, within two seconds, and ends. */
  @Override
  public void close() {
    closed = true;
    deaf.run();
    due.release();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
      thread.interrupt();
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
