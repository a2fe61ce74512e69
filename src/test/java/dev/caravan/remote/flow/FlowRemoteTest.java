package dev.caravan.remote.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.contract.TestContent;
import dev.caravan.event.Caller;
import dev.caravan.event.Share;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.memory.Faults.Call;
import dev.caravan.remote.memory.MemoryRemote;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class FlowRemoteTest {

  private static final ObjectKey KEY = new ObjectKey("a");

  private long now;
  private final MemoryRemote memory = new MemoryRemote("memory");
  private final FlowRemote flow = new FlowRemote(memory, Room.of(4), () -> now);

  private RemoteException failure() {
    return catchThrowableOfType(RemoteException.class, () -> flow.find(KEY));
  }

  private void open() {
    memory.faults().failAll(Call.FIND, Cause.NETWORK);
    for (int i = 0; i < 10; i++) {
      failure();
    }
    assertThat(memory.faults().happened()).isEqualTo(10);
    assertThat(flow.state().breaker()).isEqualTo("open");
  }

  @Test
  void aRemoteThatFailsEverythingIsLeftAlone() {
    open();
    RemoteException refused = failure();
    assertThat(refused).hasMessageContaining("'memory'").hasMessageContaining("left alone");
    assertThat(refused.reason()).isEqualTo(Cause.NETWORK);
    assertThat(refused.retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(memory.faults().happened()).as("it was not asked").isEqualTo(10);
  }

  @Test
  void aQuestionFindsOutWhetherItWorksAgain() throws Exception {
    open();
    now += 1_000_000_000L;
    failure();
    assertThat(memory.faults().happened()).as("one question only").isEqualTo(11);
    assertThat(flow.state().left()).isEqualTo(Duration.ofSeconds(2));
    memory.faults().clear();
    now += 2_000_000_000L;
    assertThat(flow.find(KEY)).isEmpty();
    assertThat(flow.state().breaker()).isEqualTo("closed");
    assertThat(flow.state().inFlight()).isZero();
  }

  @Test
  void aCycleThatBeginsAsksAtOnce() throws Exception {
    open();
    memory.faults().clear();
    flow.tryAgain();
    assertThat(flow.find(KEY)).isEmpty();
    assertThat(flow.state().breaker()).isEqualTo("closed");
  }

  @Test
  void theRetriesWaitUntilItMayBeAskedAgain() throws Exception {
    FlowRemote real = new FlowRemote(memory, Room.of(4));
    Backoff backoff = Backoff.standard(new Random(1));
    Remote retrying = new RetryingRemote(real, backoff, real.budget(), real.readBudget());
    memory.faults().failAll(Call.FIND, Cause.NETWORK);
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> real.find(KEY)).hasMessageContaining("planned fault");
    }
    memory.faults().clear();
    long began = System.nanoTime();
    assertThat(retrying.find(KEY)).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  void whatTheRemoteRefusesForGoodIsAnAnswer() {
    memory.faults().failAll(Call.FIND, Cause.PERMISSION);
    for (int i = 0; i < 50; i++) {
      assertThat(failure().reason()).isEqualTo(Cause.PERMISSION);
    }
    assertThat(flow.state().breaker()).isEqualTo("closed");
    assertThat(memory.faults().happened()).isEqualTo(50);
  }

  @Test
  void whoHasNothingElseToDoGoesOnAsking() {
    FlowRemote patient = new FlowRemote(memory, Room.of(4).withoutBreaks(), () -> now);
    memory.faults().failAll(Call.FIND, Cause.NETWORK);
    for (int i = 0; i < 500; i++) {
      assertThatThrownBy(() -> patient.find(KEY)).hasMessageContaining("planned fault");
    }
    assertThat(patient.state().breaker()).isEqualTo("closed");
    assertThat(memory.faults().happened()).isEqualTo(500);
  }

  @Test
  void noMoreAreUnderWayThanTheCeiling() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    memory.faults().before(Call.FIND, 0, () -> enter(inside, gate));
    ExecutorService threads = Executors.newFixedThreadPool(10);
    try {
      for (int i = 0; i < 10; i++) {
        threads.submit(() -> flow.find(KEY));
      }
      Awaitility.await().until(() -> inside.get() == 4 && flow.state().inFlight() == 4);
      gate.countDown();
      Awaitility.await().until(() -> inside.get() == 10 && flow.state().inFlight() == 0);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoIsCancelledWhileHeWaitsForAPlaceIsLetGo() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean cancelled = new AtomicBoolean();
    memory.faults().before(Call.FIND, 0, () -> enter(inside, gate));
    ExecutorService threads = Executors.newFixedThreadPool(5);
    try {
      for (int i = 0; i < 4; i++) {
        threads.submit(() -> flow.find(KEY));
      }
      Awaitility.await().until(() -> inside.get() == 4);
      Future<RemoteException> waiting =
          threads.submit(
              () -> {
                try (Caller.Calls calls = Caller.until(cancelled::get)) {
                  return failure();
                }
              });
      assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      cancelled.set(true);
      assertThat(waiting.get(5, TimeUnit.SECONDS).reason()).isEqualTo(Cause.CANCELLED);
      assertThat(Caller.isGone()).as("other calls are wanted").isFalse();
    } finally {
      gate.countDown();
      threads.shutdownNow();
    }
  }

  @Test
  void theRequestsOfOneCallAreUnderTheSameWindowAndBudget() throws Exception {
    List<Boolean> places = new ArrayList<>();
    int[] tries = {0};
    memory
        .faults()
        .before(
            Call.PUT,
            0,
            () -> {
              Share share = Share.ofThisCall();
              for (int i = 0; i < 4; i++) {
                places.add(share.takePlace());
              }
              while (share.again()) {
                tries[0]++;
              }
              share.answered(false);
              share.answered(false);
              tries[0] += share.again() ? 100 : 0;
              for (int i = 0; i < 3; i++) {
                share.givePlace();
              }
            });
    flow.put(KEY, TestContent.of("xyz"));
    assertThat(places)
        .as("four at once, and one is the call")
        .containsExactly(true, true, true, false);
    assertThat(tries).as("five saved for each place, and one earned").containsExactly(120);
    assertThat(flow.state().inFlight()).isZero();
    assertThat(Share.ofThisCall()).isSameAs(Share.ALL);
  }

  @Test
  void whoReadsDoesNotWaitForUploadsThatLast() throws Exception {
    flow.put(KEY, TestContent.of("xyz"));
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    memory.faults().before(Call.PUT, 0, () -> enter(inside, gate));
    ExecutorService threads = Executors.newFixedThreadPool(20);
    try {
      for (int i = 0; i < 10; i++) {
        threads.submit(() -> flow.put(KEY, TestContent.of("xyz")));
      }
      Awaitility.await().until(() -> inside.get() == 4);
      try (InputStream read =
          threads.submit(() -> flow.open(KEY, 0, 3)).get(10, TimeUnit.SECONDS)) {
        assertThat(read.readAllBytes()).hasSize(3);
      }
      assertThat(inside).as("the uploads wait still").hasValue(4);
    } finally {
      gate.countDown();
      threads.shutdownNow();
    }
  }

  @Test
  void whatCannotBeWrittenToCanBeReadFrom() throws Exception {
    flow.put(KEY, TestContent.of("xyz"));
    memory.faults().failAll(Call.PUT, Cause.SERVER);
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(this::put).hasMessageContaining("planned fault");
    }
    assertThatThrownBy(this::put).hasMessageContaining("left alone");
    assertThat(flow.find(KEY)).isPresent();
    now += 1_000_000_000L;
    assertThatThrownBy(this::put).as("the next finds out").hasMessageContaining("planned fault");
    assertThat(flow.state().left()).as("though it answers").isEqualTo(Duration.ofSeconds(2));
    assertThat(flow.find(KEY)).isPresent();
    memory.faults().clear();
    now += 2_000_000_000L;
    put();
    assertThat(flow.state().breaker()).isEqualTo("closed");
  }

  @Test
  void aStreamIsUnderWayUntilItIsClosed() throws Exception {
    put();
    assertThat(flow.isBusy()).isFalse();
    InputStream read = flow.open(KEY, 0, 3);
    assertThat(flow.isBusy()).isTrue();
    read.close();
    read.close();
    assertThat(flow.isBusy()).isFalse();
  }

  private void put() throws Exception {
    flow.put(KEY, TestContent.of("xyz"));
  }

  private static void enter(AtomicInteger inside, CountDownLatch gate) {
    inside.incrementAndGet();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whoWaitsWhileTheRemoteIsClosedIsCancelled() {
    flow.close();
    assertThat(failure().reason()).isEqualTo(Cause.CANCELLED);
  }
}
