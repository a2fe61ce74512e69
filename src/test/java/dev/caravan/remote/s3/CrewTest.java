package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.Share;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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

  /** What a remote allows that bears little. */
  private static final class Scarce implements Share {
    private final AtomicInteger places = new AtomicInteger();
    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger complaints = new AtomicInteger();
    private final AtomicBoolean crowded = new AtomicBoolean();

    @Override
    public boolean takePlace() {
      return places.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    @Override
    public void givePlace() {
      places.incrementAndGet();
    }

    @Override
    public boolean isCrowded() {
      return crowded.get();
    }

    @Override
    public boolean again() {
      return tries.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    @Override
    public void answered(boolean complaint) {
      complaints.addAndGet(complaint ? 1 : 0);
    }
  }

  @Test
  void handsAndTriesAreThoseThatTheRemoteHasLeft() throws Exception {
    Scarce share = new Scarce();
    Share before = Share.set(share);
    try {
      Set<Thread> hands = ConcurrentHashMap.newKeySet();
      crew.work(100, 4, index -> hands.add(Thread.currentThread()));
      assertThat(hands).containsExactly(Thread.currentThread());
      AtomicInteger asked = new AtomicInteger();
      Crew.Piece failing =
          index -> {
            asked.incrementAndGet();
            throw new RemoteException(Cause.SERVER, "hiccup");
          };
      assertThatThrownBy(() -> crew.work(1, 1, failing)).hasMessage("hiccup");
      assertThat(asked).as("no try was left").hasValue(1);
      assertThat(share.complaints).hasValue(1);
    } finally {
      Share.set(before);
    }
  }

  @Test
  void aHandThatLeavesACrowdLeavesNoPieceUndone() throws Exception {
    Scarce share = new Scarce();
    share.places.set(3);
    share.tries.set(1_000);
    share.crowded.set(true);
    Share before = Share.set(share);
    AtomicIntegerArray done = new AtomicIntegerArray(200);
    AtomicIntegerArray tries = new AtomicIntegerArray(200);
    try {
      crew.work(
          200,
          4,
          index -> {
            if (tries.incrementAndGet(index) == 1 && index % 20 == 19) {
              throw new RemoteException(Cause.SERVER, "hiccup");
            }
            done.incrementAndGet(index);
          });
    } finally {
      Share.set(before);
    }
    for (int i = 0; i < 200; i++) {
      assertThat(done.get(i)).isOne();
    }
    assertThat(share.complaints).hasValue(10);
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
