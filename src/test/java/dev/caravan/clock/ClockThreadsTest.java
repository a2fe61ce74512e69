package dev.caravan.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClockThreadsTest {

  private final ClockThreads threads = new ClockThreads();

  @Test
  void itSaysHowManyAreFree() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    assertThat(threads.blockForAvailableThreads()).isEqualTo(threads.getPoolSize());
    assertThat(
            threads.runInThread(
                () -> {
                  begun.countDown();
                  await(end);
                }))
        .isTrue();
    begun.await();
    assertThat(threads.blockForAvailableThreads()).isEqualTo(threads.getPoolSize() - 1);
    end.countDown();
    threads.shutdown(true);
  }

  @Test
  void itStopsAtOnceWhenNothingIsDone() {
    long began = System.nanoTime();
    threads.shutdown(true);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)).isLessThan(5);
    assertThat(threads.runInThread(() -> {})).isFalse();
    assertThat(threads.runInThread(null)).isFalse();
  }

  @Test
  void whatIsUnderWayIsFinished() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    threads.runInThread(
        () -> {
          begun.countDown();
          await(end);
          ended.countDown();
        });
    begun.await();
    threads.shutdown(false);
    end.countDown();
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
