package dev.caravan;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A pool that makes its caller work when it is full: that is how a plan is held back. What the
 * caller's log lines carry, such as the run's id, those of the task carry as well.
 */
final class RunThreads extends ThreadPoolExecutor {

  private static final int IDLE_SECONDS = 30;

  RunThreads(int threads, BlockingQueue<Runnable> waiting, ThreadFactory factory) {
    super(
        threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, waiting, factory, new CallerRunsPolicy());
    allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
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
