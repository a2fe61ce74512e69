package dev.caravan.clock;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.quartz.spi.ThreadPool;

/**
 * The threads of Quartz. Its own look twice a second whether there is work, and each of them is
 * waited for when it stops; these wait for work, and are there only while some is done.
 */
public final class ClockThreads implements ThreadPool {

  private static final int THREADS = 4;
  private static final int IDLE_SECONDS = 5;
  private static final int PATIENCE_SECONDS = 10;

  private final Semaphore free = new Semaphore(THREADS);
  private final ThreadPoolExecutor workers;

  public ClockThreads() {
    AtomicInteger number = new AtomicInteger();
    workers =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "clock-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
  }

  /** Waits for a free thread; false once it is stopped. */
  @Override
  public boolean runInThread(@Nullable Runnable task) {
    if (task == null) {
      return false;
    }
    free.acquireUninterruptibly();
    boolean given = false;
    try {
      workers.execute(() -> work(task));
      given = true;
    } catch (RejectedExecutionException e) {
      // It was stopped meanwhile.
    } finally {
      if (!given) {
        free.release();
      }
    }
    return given;
  }

  private void work(Runnable task) {
    try {
      task.run();
    } finally {
      free.release();
    }
  }

  /** Waits until a thread is free; how many are, at least 1. */
  @Override
  public int blockForAvailableThreads() {
    free.acquireUninterruptibly();
    free.release();
    return Math.max(1, free.availablePermits());
  }

  @Override
  public void initialize() {
    // There is nothing to prepare.
  }

  /** Whoever waits for a free thread goes on. */
  @Override
  public void shutdown(boolean waitForJobs) {
    workers.shutdown();
    free.release(THREADS);
    if (!waitForJobs) {
      return;
    }
    try {
      workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int getPoolSize() {
    return THREADS;
  }

  @Override
  public void setInstanceId(String id) {
    // The threads are those of one process.
  }

  @Override
  public void setInstanceName(String name) {
    // The same.
  }
}
