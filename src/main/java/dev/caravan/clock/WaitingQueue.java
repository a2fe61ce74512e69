package dev.caravan.clock;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A queue whose readers wait longer than they say, and can all be woken. Camel's readers ask anew a
 * few times a second, only to notice soon that they are to end.
 *
 * @param <E> what is queued
 */
public final class WaitingQueue<E> extends LinkedBlockingQueue<E> {

  private static final long serialVersionUID = 1;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** More than there ever are readers. */
  private static final int READERS = 10_000;

  /** At least one for each element: nobody waits while there is something. */
  private final Semaphore arrivals = new Semaphore(0);

  private volatile boolean awake;

  /**
   * @param capacity how many may wait in it, at least 1
   */
  public WaitingQueue(int capacity) {
    super(capacity);
  }

  @Override
  public boolean offer(E element) {
    boolean taken = super.offer(element);
    arrivals.release(taken ? 1 : 0);
    return taken;
  }

  @Override
  public boolean offer(E element, long timeout, TimeUnit unit) throws InterruptedException {
    boolean taken = super.offer(element, timeout, unit);
    arrivals.release(taken ? 1 : 0);
    return taken;
  }

  @Override
  public void put(E element) throws InterruptedException {
    super.put(element);
    arrivals.release();
  }

  /** Waits for at least a second, unless it is {@link #wake awake}; null when nothing came. */
  @Override
  public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
    long asked = unit.toNanos(timeout);
    if (awake) {
      return super.poll(asked, TimeUnit.NANOSECONDS);
    }
    boolean told = arrivals.tryAcquire(Math.max(asked, PATIENCE_NANOS), TimeUnit.NANOSECONDS);
    E element = poll();
    // Somebody else may have taken it, or all were woken.
    return element == null && told ? super.poll(asked, TimeUnit.NANOSECONDS) : element;
  }

  /** Until {@link #rest} nobody waits longer than asked for, nor does who waits already. */
  public void wake() {
    awake = true;
    arrivals.release(READERS);
  }

  /** From now on readers may wait for longer than they say again. */
  public void rest() {
    awake = false;
    arrivals.drainPermits();
    // What was offered before is counted here, and what is offered from now on by itself.
    arrivals.release(size());
  }
}
