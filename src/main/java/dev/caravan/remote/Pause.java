package dev.caravan.remote;

import java.time.Duration;

/** Lets time pass; a test's own only notes that it was asked to. */
@FunctionalInterface
public interface Pause {

  /**
   * Returns after the duration.
   *
   * @throws InterruptedException when the thread was told to stop
   */
  void sleep(Duration duration) throws InterruptedException;
}
