package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.rsync.RsyncEnd.How;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchesTest {

  private static final RsyncEnd GOOD = new RsyncEnd(How.BY_ITSELF, 0, List.of());

  private final List<List<String>> carried = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch first = new CountDownLatch(1);
  private final Batches batches = new Batches(this::carry);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<Batches.Outcome>> all = new ArrayList<>();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** The first child ends when it is let, or when nobody needs it any more. */
  private RsyncEnd carry(String folder, List<String> names, RsyncChild.Need need) {
    carried.add(names.stream().map(name -> folder + "/" + name).sorted().toList());
    boolean toldToStop = false;
    while (first.getCount() > 0) {
      try {
        first.await(20, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        toldToStop = true;
      }
      if (need.isOver(toldToStop)) {
        return new RsyncEnd(How.UNWANTED, 0, List.of());
      }
    }
    return GOOD;
  }

  private Future<Batches.Outcome> begin(String folder, String name) {
    Future<Batches.Outcome> begun = threads.submit(() -> batches.carry(folder, name));
    all.add(begun);
    return begun;
  }

  private void awaitWaiting(int count) {
    Awaitility.await().until(() -> batches.waiting() == count);
  }

  @Test
  void whatComesMeanwhileGoesTogetherWithTheNextChildOfItsFolder() throws Exception {
    begin("a", "0");
    Awaitility.await().until(() -> carried.size() == 1);
    for (int i = 1; i <= 5; i++) {
      begin("a", Integer.toString(i));
    }
    begin("b", "6");
    awaitWaiting(6);
    first.countDown();
    for (Future<Batches.Outcome> each : all) {
      assertThat(each.get(10, TimeUnit.SECONDS).end()).isEqualTo(GOOD);
    }
    assertThat(carried)
        .containsExactlyInAnyOrder(
            List.of("a/0"), List.of("a/1", "a/2", "a/3", "a/4", "a/5"), List.of("b/6"));
    assertThat(all.get(0).get().shared()).isFalse();
    assertThat(all.get(3).get().shared()).isTrue();
  }

  @Test
  void oneThatIsGivenUpLeavesTheChildToTheOthers() throws Exception {
    Future<Batches.Outcome> leader = begin("a", "0");
    Awaitility.await().until(() -> carried.size() == 1);
    Thread waits = new Thread(() -> assertThat(batches.carry("a", "1").end().isGood()).isFalse());
    waits.start();
    begin("a", "2");
    awaitWaiting(2);
    waits.interrupt();
    waits.join(10_000);
    awaitWaiting(1);
    first.countDown();
    assertThat(leader.get(10, TimeUnit.SECONDS).end()).isEqualTo(GOOD);
    assertThat(all.get(1).get(10, TimeUnit.SECONDS).end()).isEqualTo(GOOD);
    assertThat(carried).containsExactly(List.of("a/0"), List.of("a/2"));
  }

  @Test
  void aChildThatNobodyNeedsIsEnded() throws Exception {
    Thread leads =
        new Thread(() -> assertThat(batches.carry("a", "0").end().how()).isEqualTo(How.UNWANTED));
    leads.start();
    Awaitility.await().until(() -> carried.size() == 1);
    leads.interrupt();
    leads.join(10_000);
    assertThat(leads.isAlive()).isFalse();
    assertThat(first.getCount()).isOne();
  }
}
