package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Remotes that are not what they should be. */
class RemoteHaltsTest {

  private static final String MARKER = ".caravan/store.id";

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private final String other = UUID.randomUUID().toString();
  private SyncWorld world;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near, far);
    world.write("a", "x");
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void anotherStoresRemoteIsNotTouchedUntilAPersonAgrees() {
    far.plant(MARKER, other + "\n");
    far.plant("theirs", "t");
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("far", other, "--accept-halt");
    assertThat(near.files()).as("the other remote goes on").containsOnlyKeys("a");
    assertThat(far.files()).containsOnlyKeys("theirs");
    assertThat(far.text(MARKER)).contains(other);
    assertThat(world.approve()).isTrue();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(far.files()).containsOnlyKeys("a", "theirs");
    assertThat(far.text(MARKER)).doesNotContain(other);
    assertThat(world.file("theirs").state()).isEqualTo("purged");
  }

  @Test
  void anotherStoresRemoteIsNotTakenOverBecauseItDidNotAnswerAtFirst() {
    far.plant(MARKER, other + "\n");
    far.plant("theirs", "t");
    for (int broken = 0; broken < 8; broken++) {
      far.breakAfter(broken, Break.BEFORE, Cause.NETWORK);
      RunRow run = world.manual();
      assertThat(run.state()).as("call %s broke", broken).isNotEqualTo(RunState.SUCCEEDED);
      assertThat(far.text(MARKER)).as("call %s broke", broken).contains(other);
      assertThat(far.files()).containsOnlyKeys("theirs");
      assertThat(world.files()).extracting(file -> file.path()).doesNotContain("theirs");
    }
  }

  @Test
  void aRemoteThatDoesNotAnswerAtFirstContactHoldsUpNoOther() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    near.breakAfter(
        0,
        Break.BEFORE,
        Cause.NETWORK,
        () -> {
          asked.countDown();
          awaited(answer);
        });
    SyncCycle cycle = world.mirror().begin(new SyncRequest(Trigger.SCHEDULE, false));
    world.mirror().plan(cycle);
    List<RemoteCycle> remotes = cycle.getRemotes();
    Thread slow = new Thread(() -> cycle.open(remotes.get(0)));
    slow.start();
    asked.await();
    cycle.open(remotes.get(1));
    remotes.get(1).getUploads().forEachRemaining(remotes.get(1)::move);
    assertThat(far.files()).containsOnlyKeys("a");
    assertThat(near.holds()).isEmpty();
    answer.countDown();
    slow.join();
    remotes.forEach(remote -> remote.end(world.mirror().backup()));
    world.mirror().end(cycle);
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aHaltKeepsTheTimeAtWhichItBegan() {
    far.plant(MARKER, other + "\n");
    world.cycle();
    HaltRow first = world.catalog().halts().findOpen().orElseThrow();
    world.clock().advance(Duration.ofHours(2));
    RunRow again = world.cycle();
    HaltRow later = world.catalog().halts().findOpen().orElseThrow();
    assertThat(later.begunMillis()).isEqualTo(first.begunMillis());
    assertThat(later.runId()).isEqualTo(again.id().value());
  }

  @Test
  void anApprovalCoversTheRemoteThatWasNamedAndNoOther() {
    near.plant(MARKER, other + "\n");
    far.plant(MARKER, other + "\n");
    assertThat(world.cycle().error().orElseThrow()).contains("near");
    world.approve();
    RunRow second = world.cycle();
    assertThat(second.state()).isEqualTo(RunState.HALTED);
    assertThat(second.error().orElseThrow()).contains("far");
    assertThat(far.text(MARKER)).contains(other);
    world.approve();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).isEqualTo(far.files()).containsOnlyKeys("a");
  }

  @Test
  void aRemoteThatLostItsMarkerFailsAloneAndIsFilledAgainWhenApproved() throws Exception {
    world.cycle();
    far.lose(MARKER);
    far.lose("a");
    world.restart();
    world.write("b", "y");
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("far", "--accept-halt");
    assertThat(near.files()).containsOnlyKeys("a", "b");
    assertThat(far.holds()).isEmpty();
    world.approve();
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(far.files()).containsOnlyKeys("a", "b");
    assertThat(world.catalog().halts().findOpen()).isEmpty();
  }

  @Test
  void aLostRemoteThatIsBackLiftsItsHalt() throws Exception {
    world.cycle();
    String marker = far.text(MARKER);
    far.lose(MARKER);
    world.restart();
    world.write("b", "y");
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    far.plant(MARKER, marker);
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.catalog().halts().findOpen()).isEmpty();
    assertThat(far.files()).containsOnlyKeys("a", "b");
  }

  @Test
  void aRemoteThatWasTakenByAnotherStoreIsNotTakenBackAsAnEmptyOne() throws Exception {
    world.cycle();
    far.plant(MARKER, other + "\n");
    world.restart();
    world.write("b", "y");
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    world.approve();
    world.manual();
    RunRow run = world.manual();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(world.catalog().halts().findOpen().map(HaltRow::kind)).contains("remote_foreign");
    assertThat(far.text(MARKER)).contains(other);
  }

  @Test
  void aDryRunOfAnApprovedHaltForgetsNothing() throws Exception {
    world.cycle();
    far.lose(MARKER);
    world.restart();
    world.write("b", "y");
    world.cycle();
    world.approve();
    world.dryRun();
    assertThat(world.file("a").copies().get("far").state()).isEqualTo("verified");
  }
}
