package dev.caravan.catalog.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.turn.RunTicket.Status;
import dev.caravan.event.EventBus;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class RunQueueTest {

  private static final RunWish REAL = RunWish.plain(Operation.SYNC, Trigger.MANUAL, false);
  private static final RunWish DRY = RunWish.plain(Operation.SYNC, Trigger.MANUAL, true);
  private static final RunWish OTHERWISE = RunWish.plain(Operation.SYNC, Trigger.SCHEDULE, false);
  private static final RunWish PURGE = RunWish.plain(Operation.PURGE, Trigger.MANUAL, false);

  @TempDir Path folder;
  private final TestClock clock = new TestClock(Instant.parse("2026-05-01T12:00:00Z"));
  private final EventBus events = new EventBus(clock);
  private final AtomicInteger ids = new AtomicInteger();
  private Catalog catalog;
  private RunQueue queue;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
    queue = new RunQueue(catalog, events, () -> new RunId("r" + ids.incrementAndGet()), clock);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void tenWishesInASecondAreOneRunAndOneThatWaits() throws Exception {
    List<RunTicket> tickets = new ArrayList<>();
    tickets.add(queue.request(REAL));
    RunQueue.Begun first = begin(OTHERWISE);
    for (int i = 0; i < 9; i++) {
      clock.advance(Duration.ofMillis(100));
      tickets.add(queue.request(REAL));
    }
    assertThat(tickets).extracting(RunTicket::status).startsWith(Status.STARTED, Status.QUEUED);
    assertThat(tickets.subList(2, 10))
        .allMatch(each -> each.status() == Status.ALREADY_RUNNING)
        .allMatch(each -> each.runId().equals(tickets.get(1).runId()));
    assertThat(runs()).hasSize(2);
    queue.end(first.book(), RunState.SUCCEEDED, Optional.empty());
    RunQueue.Begun second = begin(OTHERWISE);
    assertThat(second.book().id()).isEqualTo(tickets.get(1).runId());
    queue.end(second.book(), RunState.SUCCEEDED, Optional.empty());
    assertThat(queue.isBusy()).isFalse();
    assertThat(runs()).hasSize(2).allMatch(run -> run.state() == RunState.SUCCEEDED);
  }

  @Test
  void aWishBeforeTheFirstBeganIsFulfilledByIt() {
    RunId first = queue.request(REAL).runId();
    assertThat(queue.request(REAL)).isEqualTo(new RunTicket(first, Status.ALREADY_RUNNING));
  }

  @Test
  void aDryRunWaitsBesideARealOne() throws Exception {
    RunQueue.Begun running = begin(OTHERWISE);
    assertThat(queue.request(REAL).status()).isEqualTo(Status.QUEUED);
    assertThat(queue.request(DRY).status()).isEqualTo(Status.QUEUED);
    assertThat(queue.request(DRY).status()).isEqualTo(Status.ALREADY_RUNNING);
    assertThat(queue.request(REAL).status()).isEqualTo(Status.ALREADY_RUNNING);
    queue.end(running.book(), RunState.SUCCEEDED, Optional.empty());
    RunQueue.Begun next = begin(OTHERWISE);
    assertThat(next.dryRun()).isFalse();
    queue.end(next.book(), RunState.SUCCEEDED, Optional.empty());
    RunQueue.Begun last = begin(OTHERWISE);
    assertThat(last.dryRun()).isTrue();
    assertThat(queue.hasWaiting(Operation.SYNC)).isFalse();
  }

  @Test
  void twoRunsNeverRunAtOnce() throws Exception {
    RunQueue.Begun first = begin(OTHERWISE);
    CompletableFuture<RunQueue.Begun> second = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                second.complete(begin(OTHERWISE));
              } catch (InterruptedException e) {
                second.completeExceptionally(e);
              }
            });
    thread.start();
    Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
    assertThat(second).isNotDone();
    queue.end(first.book(), RunState.SUCCEEDED, Optional.empty());
    assertThat(second.get(10, TimeUnit.SECONDS).book().id()).isNotEqualTo(first.book().id());
  }

  @Test
  void aRunThatWaitsCanBeCancelled() throws Exception {
    RunQueue.Begun running = begin(OTHERWISE);
    RunId waiting = queue.request(REAL).runId();
    assertThat(queue.cancel(waiting)).isTrue();
    assertThat(queue.hasWaiting(Operation.SYNC)).isFalse();
    assertThat(running.book().isCancelled()).isFalse();
    RunRow row = catalog.runs().find(waiting).orElseThrow();
    assertThat(row.state()).isEqualTo(RunState.CANCELLED);
    assertThat(row.endedMillis()).isPositive();
    assertThat(queue.cancel(waiting)).isFalse();
  }

  @Test
  void aRunThatRunsIsAskedToEnd() throws Exception {
    RunQueue.Begun running = begin(OTHERWISE);
    assertThat(queue.cancel(running.book().id())).isTrue();
    assertThat(running.book().isCancelled()).isTrue();
    queue.end(running.book(), RunState.CANCELLED, Optional.of("Cancelled"));
    assertThat(queue.cancel(running.book().id())).isFalse();
    assertThat(queue.cancel(new RunId("nobody"))).isFalse();
  }

  @Test
  void afterStopNothingBegins() throws Exception {
    RunQueue.Begun running = begin(OTHERWISE);
    queue.request(REAL);
    queue.stop();
    assertThat(running.book().isCancelled()).isTrue();
    queue.end(running.book(), RunState.INTERRUPTED, Optional.empty());
    assertThatThrownBy(() -> begin(OTHERWISE)).isInstanceOf(InterruptedException.class);
    assertThatThrownBy(() -> begin(OTHERWISE)).isInstanceOf(InterruptedException.class);
  }

  /** Terms of a wish. */
  private record Wanted(long bytes) {}

  @Test
  void runsOfSeveralOperationsTakeTurns() throws Exception {
    assertThat(queue.request(REAL).status()).isEqualTo(Status.STARTED);
    RunQueue.Begun sync = begin(OTHERWISE);
    RunTicket purge = queue.request(PURGE);
    assertThat(purge.status()).isEqualTo(Status.QUEUED);
    assertThat(queue.request(REAL).status()).isEqualTo(Status.QUEUED);
    CompletableFuture<RunQueue.Begun> other = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                other.complete(begin(PURGE));
              } catch (InterruptedException e) {
                other.completeExceptionally(e);
              }
            });
    thread.start();
    Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
    assertThat(other).isNotDone();
    queue.end(sync.book(), RunState.SUCCEEDED, Optional.empty());
    RunQueue.Begun second = other.get(10, TimeUnit.SECONDS);
    assertThat(second.book().id()).isEqualTo(purge.runId());
    assertThat(catalog.runs().find(purge.runId()).orElseThrow().operation())
        .isEqualTo(Operation.PURGE);
    assertThat(queue.hasWaiting(Operation.PURGE)).isFalse();
    assertThat(queue.hasWaiting(Operation.SYNC)).isTrue();
    queue.end(second.book(), RunState.SUCCEEDED, Optional.empty());
  }

  @Test
  void aWishOnOtherTermsIsNotFulfilledByTheOneThatWaits() {
    RunWish much = new RunWish(Operation.PURGE, Trigger.MANUAL, false, Optional.of(new Wanted(9)));
    RunWish same = new RunWish(Operation.PURGE, Trigger.MANUAL, false, Optional.of(new Wanted(9)));
    RunTicket first = queue.request(much);
    assertThat(queue.request(same)).isEqualTo(new RunTicket(first.runId(), Status.ALREADY_RUNNING));
    assertThatThrownBy(() -> queue.request(PURGE))
        .isInstanceOf(RunQueue.OtherTermsException.class)
        .hasMessageContaining(first.runId().value());
    assertThat(runs()).hasSize(1);
  }

  @Test
  void whatWasTurnedAwayWaitsAndIsWokenByItsOperation() throws Exception {
    RunHold hold = queue.hold();
    assertThatThrownBy(() -> begin(PURGE)).isInstanceOf(RunQueue.HeldException.class);
    assertThatThrownBy(() -> queue.beginOwn(PURGE)).isInstanceOf(RunQueue.HeldException.class);
    queue.request(REAL);
    assertThat(hold.close()).containsExactly(Operation.SYNC, Operation.PURGE);
    assertThat(hold.close()).isEmpty();
    assertThat(runs()).hasSize(2);
    RunQueue.Begun kept = queue.beginWaiting(Operation.PURGE).orElseThrow();
    assertThat(kept.wish()).isEqualTo(PURGE);
  }

  @Test
  void aHoldIsLiftedOnlyByWhoTookIt() throws Exception {
    RunQueue.Begun running = begin(OTHERWISE);
    RunHold reload = queue.hold();
    RunHold adoption = queue.hold();
    assertThat(reload.isQuiet()).isFalse();
    queue.end(running.book(), RunState.SUCCEEDED, Optional.empty());
    assertThat(reload.isQuiet()).isTrue();
    queue.request(REAL);
    assertThat(adoption.close()).as("the other goes on").isEmpty();
    assertThat(adoption.close()).isEmpty();
    assertThat(queue.isHeld()).isTrue();
    assertThatThrownBy(() -> queue.beginWaiting(Operation.SYNC))
        .isInstanceOf(RunQueue.HeldException.class);
    assertThat(reload.close()).containsExactly(Operation.SYNC);
    assertThat(queue.isHeld()).isFalse();
    assertThat(queue.beginWaiting(Operation.SYNC)).isPresent();
  }

  @Test
  void aWakeUpBeginsNothingWhereNothingWaits() throws Exception {
    RunId dropped = queue.request(REAL).runId();
    assertThat(queue.cancel(dropped)).isTrue();
    assertThat(queue.beginWaiting(Operation.SYNC)).isEmpty();
    RunId wanted = queue.request(DRY).runId();
    RunQueue.Begun begun = queue.beginWaiting(Operation.SYNC).orElseThrow();
    assertThat(begun.book().id()).isEqualTo(wanted);
    assertThat(queue.beginWaiting(Operation.SYNC)).as("without waiting for a turn").isEmpty();
    assertThat(runs()).hasSize(2);
  }

  @Test
  void whatIsCancelledWhileItsWakeUpWaitsForATurnDoesNotBegin() throws Exception {
    RunQueue.Begun running = begin(OTHERWISE);
    RunId dropped = queue.request(REAL).runId();
    CompletableFuture<Optional<RunQueue.Begun>> woken = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                woken.complete(queue.beginWaiting(Operation.SYNC));
              } catch (InterruptedException e) {
                woken.completeExceptionally(e);
              }
            });
    thread.start();
    Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
    queue.cancel(dropped);
    queue.end(running.book(), RunState.SUCCEEDED, Optional.empty());
    assertThat(woken.get(10, TimeUnit.SECONDS)).isEmpty();
    RunQueue.Begun next = begin(OTHERWISE);
    queue.end(next.book(), RunState.SUCCEEDED, Optional.empty());
  }

  @Test
  void whoHasTermsOfItsOwnLeavesWhatOthersWishedFor() throws Exception {
    RunWish dry = RunWish.plain(Operation.PURGE, Trigger.MANUAL, true);
    RunWish much = new RunWish(Operation.PURGE, Trigger.HOOK, false, Optional.of(new Wanted(9)));
    RunId waiting = queue.request(dry).runId();
    RunQueue.Begun own = queue.beginOwn(much);
    assertThat(own.wish()).isEqualTo(much);
    assertThat(queue.hasWaiting(Operation.PURGE)).isTrue();
    RunId same = queue.request(PURGE).runId();
    queue.end(own.book(), RunState.SUCCEEDED, Optional.empty());
    RunQueue.Begun met = queue.beginOwn(RunWish.plain(Operation.PURGE, Trigger.SCHEDULE, false));
    assertThat(met.book().id()).as("one run is enough for both").isEqualTo(same);
    queue.end(met.book(), RunState.SUCCEEDED, Optional.empty());
    assertThat(queue.beginWaiting(Operation.PURGE).orElseThrow().book().id()).isEqualTo(waiting);
  }

  @Test
  void aCycleThatCannotBeginGivesItsTurnBack() {
    try (SyncWorld world = SyncWorld.of(folder.resolve("s"), new FlakyRemote("near"))) {
      world.catalog().commit(session -> session.execute("ALTER TABLE remote RENAME TO away"));
      assertThatThrownBy(world::cycle).hasMessageContaining("remote");
      assertThat(world.mirror().queue().isBusy()).isFalse();
      world.catalog().commit(session -> session.execute("ALTER TABLE away RENAME TO remote"));
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
      assertThat(world.catalog().runs().list(Optional.empty(), Optional.empty(), 9))
          .allMatch(run -> run.state().isEnded());
    }
  }

  @Test
  void aCycleThatCannotEndGivesItsTurnBack() {
    try (SyncWorld world = SyncWorld.of(folder.resolve("s"))) {
      world.catalog().commit(session -> session.execute("ALTER TABLE copy RENAME TO away"));
      assertThatThrownBy(world::cycle).hasMessageContaining("copy");
      assertThat(world.mirror().queue().isBusy()).isFalse();
    }
  }

  @Test
  void aRunWhoseEndWasLostIsEndedByTheNext() throws Exception {
    RunQueue.Begun lost = begin(OTHERWISE);
    catalog.commit(session -> session.execute("ALTER TABLE item RENAME TO away"));
    lost.book()
        .item(new ItemRow(0, "a", Optional.empty(), "skip", "x", "failed", 1, Optional.empty()));
    assertThatThrownBy(() -> queue.end(lost.book(), RunState.SUCCEEDED, Optional.empty()))
        .hasMessageContaining("item");
    catalog.commit(session -> session.execute("ALTER TABLE away RENAME TO item"));
    RunQueue.Begun next = begin(OTHERWISE);
    RunRow row = catalog.runs().find(lost.book().id()).orElseThrow();
    assertThat(row.state()).isEqualTo(RunState.FAILED);
    assertThat(row.error().orElseThrow()).contains("could not be recorded");
    queue.end(next.book(), RunState.SUCCEEDED, Optional.empty());
  }

  private List<RunRow> runs() {
    return catalog.runs().list(Optional.empty(), Optional.empty(), 100);
  }

  /** The run that waits, else a new one. */
  private RunQueue.Begun begin(RunWish otherwise) throws InterruptedException {
    if (queue.hasWaiting(otherwise.operation())) {
      return queue.beginWaiting(otherwise.operation()).orElseThrow();
    }
    return queue.beginOwn(otherwise);
  }
}
