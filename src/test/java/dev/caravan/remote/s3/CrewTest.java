package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.ContentChangedException;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CrewTest {

  private final Crew crew = new Crew("test", 3);

  @AfterEach
  void close() {
    crew.close();
  }

  @Test
  void everyPieceIsDoneOnce() throws Exception {
    AtomicIntegerArray done = new AtomicIntegerArray(1000);
    crew.work(1000, 4, done::incrementAndGet);
    for (int i = 0; i < 1000; i++) {
      assertThat(done.get(i)).isEqualTo(1);
    }
  }

  @Test
  void severalPiecesAreUnderWayAtOnce() throws Exception {
    CountDownLatch together = new CountDownLatch(4);
    crew.work(
        4,
        4,
        index -> {
          together.countDown();
          awaitAll(together);
        });
    assertThat(together.getCount()).isZero();
  }

  @Test
  void aPassingFailureIsTriedTwiceMore() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    crew.work(
        3,
        2,
        index -> {
          if (index == 1 && tries.incrementAndGet() < 3) {
            throw new RemoteException(Cause.SERVER, "hiccup");
          }
        });
    assertThat(tries).hasValue(3);
  }

  @Test
  void aFailureThatStaysEndsTheWork() {
    AtomicInteger tries = new AtomicInteger();
    assertThatThrownBy(
            () ->
                crew.work(
                    1,
                    1,
                    index -> {
                      tries.incrementAndGet();
                      throw new RemoteException(Cause.NETWORK, "gone");
                    }))
        .hasMessage("gone");
    assertThat(tries).hasValue(3);
  }

  @Test
  void aChangedFileEndsTheWorkAtOnce() {
    Set<Integer> begun = ConcurrentHashMap.newKeySet();
    assertThatThrownBy(
            () ->
                crew.work(
                    1000,
                    1,
                    index -> {
                      begun.add(index);
                      throw new ContentChangedException("changed");
                    }))
        .isInstanceOf(ContentChangedException.class);
    assertThat(begun).containsExactly(0);
  }

  @Test
  void evenAnErrorOfAHandReachesTheCaller() {
    assertThatThrownBy(
            () ->
                crew.work(
                    8,
                    4,
                    index -> {
                      throw new StackOverflowError("deep");
                    }))
        .isInstanceOf(StackOverflowError.class);
  }

  @Test
  void withoutFreeHandsTheCallerDoesItAll() throws Exception {
    crew.close();
    AtomicInteger done = new AtomicInteger();
    crew.work(10, 4, index -> done.incrementAndGet());
    assertThat(done).hasValue(10);
  }

  private static void awaitAll(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
