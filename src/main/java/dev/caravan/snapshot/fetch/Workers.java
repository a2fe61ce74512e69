package dev.caravan.snapshot.fetch;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** So many things at once, and no queue behind them that grows. */
public final class Workers implements AutoCloseable {

  private final ExecutorService pool;
  private final Semaphore free;
  private final int count;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  public Workers(int count) {
    this.count = count;
    this.pool = Executors.newFixedThreadPool(count);
    this.free = new Semaphore(count);
  }

  /**
   * Begins it as soon as one is free.
   *
   * @throws IllegalStateException when something before it threw, such as for want of memory: what
   *     that was to do is not done
   */
  public void submit(Runnable work) throws InterruptedException {
    ensureNoneThrew();
    free.acquire();
    pool.execute(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          } finally {
            free.release();
          }
        });
  }

  /**
   * Waits until all have ended.
   *
   * @throws IllegalStateException when one of them threw
   */
  public void await() throws InterruptedException {
    free.acquire(count);
    free.release(count);
    ensureNoneThrew();
  }

  private void ensureNoneThrew() {
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new IllegalStateException("Given up before the end: " + thrown, thrown);
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
