package dev.caravan.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DueClockTest {

  private final Semaphore due = new Semaphore(0);
  private final Semaphore told = new Semaphore(0);

  private boolean await() throws InterruptedException {
    due.acquire();
    return true;
  }

  @Test
  void itTellsOnceForEachTimeThatSomethingIsDue() throws Exception {
    try (DueClock clock = DueClock.start(most -> await(), () -> true, told::release)) {
      due.release();
      told.acquire();
      due.release();
      told.acquire();
      assertThat(told.availablePermits()).isZero();
    }
  }

  @Test
  void whatCannotBeginIsNotToldOf() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch twice = new CountDownLatch(2);
    try (DueClock clock =
        DueClock.start(
            most -> await(),
            () -> {
              twice.countDown();
              return asked.incrementAndGet() > 1;
            },
            told::release)) {
      due.release(2);
      assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
      told.acquire();
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void itGoesOnWhenWhatItTellsFails() throws Exception {
    try (DueClock clock =
        DueClock.start(
            most -> await(),
            () -> true,
            () -> {
              told.release();
              throw new IllegalStateException("planned");
            })) {
      due.release(2);
      told.acquire(2);
      assertThat(due.availablePermits()).isZero();
    }
  }
}
