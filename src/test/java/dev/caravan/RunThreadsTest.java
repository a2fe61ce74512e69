package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class RunThreadsTest {

  private static final String KEY = "run_id";

  private volatile int size = 2;
  private final RunThreads threads =
      new RunThreads(() -> size, new ArrayBlockingQueue<>(1), Thread::new);

  @AfterEach
  void stop() {
    MDC.clear();
    threads.shutdownNow();
  }

  @Test
  void tasksCarryWhatTheirCallersLinesCarryAndNothingOlder() throws Exception {
    Callable<String> ask = () -> String.valueOf(MDC.get(KEY));
    List<Future<String>> first = new ArrayList<>();
    MDC.put(KEY, "one");
    for (int i = 0; i < 50; i++) {
      first.add(threads.submit(ask));
    }
    assertThat(MDC.get(KEY)).as("the caller worked as well").isEqualTo("one");
    for (Future<String> each : first) {
      assertThat(each.get()).isEqualTo("one");
    }
    MDC.put(KEY, "two");
    assertThat(threads.submit(ask).get()).isEqualTo("two");
    MDC.clear();
    assertThat(threads.submit(ask).get()).isEqualTo("null");
  }

  @Test
  void thereAreAsManyThreadsAsAreWantedWhenATaskComes() throws Exception {
    threads.submit(() -> {}).get();
    assertThat(threads.getMaximumPoolSize()).isEqualTo(2);
    size = 5;
    CountDownLatch all = new CountDownLatch(5);
    for (int i = 0; i < 5; i++) {
      threads.execute(
          () -> {
            all.countDown();
            awaitAll(all);
          });
    }
    assertThat(all.await(10, TimeUnit.SECONDS)).as("five at once").isTrue();
    size = 1;
    threads.submit(() -> {}).get();
    assertThat(threads.getMaximumPoolSize()).isEqualTo(1);
  }

  private static void awaitAll(CountDownLatch all) {
    try {
      assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
