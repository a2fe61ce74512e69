package dev.caravan.clock;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when something is due: it waits for that moment, and looks at the time itself only now and
 * then, for a clock may be set.
 */
public final class DueClock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan");

  /** A clock that was set is noticed after so long. */
  private static final Duration LOOK = Duration.ofSeconds(10);

  /** What is due is told anew after so long, should nobody have begun it. */
  private static final Duration AGAIN = Duration.ofMillis(500);

  /** What is due and cannot begin yet is looked at again after so long. */
  private static final Duration SOON = Duration.ofMillis(100);

  private final Due due;
  private final BooleanSupplier ready;
  private final Runnable tell;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /** What is waited for. */
  @FunctionalInterface
  public interface Due {
    /**
     * Waits until something is due; true when it is.
     *
     * @param most returns after so long at the latest
     */
    boolean await(Duration most) throws InterruptedException;
  }

  private DueClock(Due due, BooleanSupplier ready, Runnable tell) {
    this.due = due;
    this.ready = ready;
    this.tell = tell;
    this.thread = new Thread(this::run, "caravan-clock");
    thread.setDaemon(true);
  }

  /**
   * Begins to wait, on a thread of its own.
   *
   * @param ready false as long as what is due cannot begin
   * @param tell begins it; what it throws is logged
   */
  public static DueClock start(Due due, BooleanSupplier ready, Runnable tell) {
    DueClock clock = new DueClock(due, ready, tell);
    clock.thread.start();
    return clock;
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        if (due.await(LOOK)) {
          closed.await((ready.getAsBoolean() ? told() : SOON).toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      // Only a close interrupts.
    }
  }

  private Duration told() {
    try {
      tell.run();
    } catch (RuntimeException e) {
      LOG.warn("What is due could not begin: {}", e.getMessage());
    }
    return AGAIN;
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
