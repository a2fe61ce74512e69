package dev.caravan.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaitingQueueTest {

  private final WaitingQueue<String> queue = new WaitingQueue<>(1);

  private CompletableFuture<String> reader() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            String found = null;
            while (found == null) {
              found = queue.poll(1, TimeUnit.MILLISECONDS);
            }
            return found;
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void whatComesIsHandedOutWhateverWayItCame() throws Exception {
    CompletableFuture<String> first = reader();
    assertThat(queue.offer("a")).isTrue();
    assertThat(first.get()).isEqualTo("a");
    queue.put("b");
    assertThat(reader().get()).isEqualTo("b");
    assertThat(queue.offer("c", 1, TimeUnit.SECONDS)).isTrue();
    assertThat(queue.offer("full")).isFalse();
    assertThat(reader().get()).isEqualTo("c");
    assertThat(queue).isEmpty();
  }

  @Test
  void aReaderWaitsLongerThanItSaysAndIsWokenAtOnce() throws Exception {
    long begun = System.nanoTime();
    assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isNull();
    assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    queue.wake();
    begun = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isNull();
    }
    assertThat(System.nanoTime() - begun).as("ten").isLessThan(TimeUnit.SECONDS.toNanos(5));
    assertThat(queue.offer("late")).isTrue();
    assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isEqualTo("late");
  }

  @Test
  void aReaderThatWasWokenWaitsForLongAgainAfterARestAndMissesNothing() throws Exception {
    queue.wake();
    assertThat(queue.offer("while awake")).isTrue();
    queue.rest();
    assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isEqualTo("while awake");
    long begun = System.nanoTime();
    assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isNull();
    assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    CompletableFuture<String> reader = reader();
    assertThat(queue.offer("after")).isTrue();
    assertThat(reader.get()).isEqualTo("after");
  }
}
