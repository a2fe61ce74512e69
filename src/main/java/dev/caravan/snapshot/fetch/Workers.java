package dev.caravan.snapshot.fetch;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** So many things at once, and no queue behind them that grows. */
public final class Workers implements AutoCloseable {

  private final ExecutorService pool;
  private final Semaphore free;
  private final int count;

  public Workers(int count) {
    this.count = count;
    this.pool = Executors.newFixedThreadPool(count);
    this.free = new Semaphore(count);
  }

  /** Begins it as soon as one is free; it must not throw. */
  public void submit(Runnable work) throws InterruptedException {
    free.acquire();
    pool.execute(
        () -> {
          try {
            work.run();
          } finally {
            free.release();
          }
        });
  }

  /** Waits until all have ended. */
  public void await() throws InterruptedException {
    free.acquire(count);
    free.release(count);
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
