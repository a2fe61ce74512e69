package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.purge.PurgeRequest;
import dev.caravan.store.StoreTree;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Room for readers, while another run keeps the purge from beginning. */
@Timeout(30)
class RoomByPurgeTest {

  @TempDir Path store;
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final AtomicInteger begun = new AtomicInteger();

  @Test
  void readersWhoLostPatienceLeaveNoPurgesBehind() throws Exception {
    StoreTree tree = new StoreTree(store, store.resolve(".caravan"), Clock.systemUTC());
    try (RoomByPurge room = new RoomByPurge(tree, 1, this::purge, Duration.ofMillis(200))) {
      for (int i = 0; i < 5; i++) {
        room.make(10);
      }
      mayEnd.countDown();
      room.make(10);
    }
    assertThat(begun.get()).as("the first, and the last").isBetween(1, 2);
  }

  /** As long as a sync that is under way. */
  private void purge(PurgeRequest wanted) {
    begun.incrementAndGet();
    try {
      assertThat(mayEnd.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
