package dev.caravan;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A pool that makes its caller work when it is full: that is how a plan is held back. What the
 * caller's log lines carry, such as the run's id, those of the task carry as well. How many threads
 * it has is asked for each task, so that it grows with what they are for.
 */
final class RunThreads extends ThreadPoolExecutor {

  private static final int IDLE_SECONDS = 30;

  private final IntSupplier threads;

  /**
   * @param threads how many there may be now, at least 1
   */
  RunThreads(IntSupplier threads, BlockingQueue<Runnable> waiting, ThreadFactory factory) {
    super(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, waiting, factory, new CallerRunsPolicy());
    this.threads = threads;
    allowCoreThreadTimeOut(true);
  }

  /** Both numbers are the same, in the order in which they may be set. */
  private synchronized void resize() {
    int wanted = threads.getAsInt();
    if (wanted > getMaximumPoolSize()) {
      setMaximumPoolSize(wanted);
      setCorePoolSize(wanted);
    } else if (wanted < getCorePoolSize()) {
      setCorePoolSize(wanted);
      setMaximumPoolSize(wanted);
    }
  }

  @Override
  public void execute(Runnable task) {
    resize();
    Map<String, String> context = MDC.getCopyOfContextMap();
    super.execute(
        () -> {
          Map<String, String> own = MDC.getCopyOfContextMap();
          give(context);
          try {
            task.run();
          } finally {
            give(own);
          }
        });
  }

  private static void give(@Nullable Map<String, String> context) {
    if (context == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(context);
    }
  }
}
