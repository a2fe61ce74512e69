package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.MirroredRemote.Hold;
import dev.caravan.sync.plan.SyncAction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person holds back is left alone, and nothing else waits for it. */
class HoldsTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private SyncWorld world;

  @BeforeEach
  void open() {
    world = SyncWorld.of(store, near, far);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Holds holds() {
    return new Holds(world.catalog(), world.mirror());
  }

  @Test
  void aHeldRemoteIsLeftAloneAndIsNoFailure() throws Exception {
    world.write("a", "1");
    holds().hold("far", Hold.PAUSED);
    far.callsSince();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("a");
    assertThat(far.callsSince()).isZero();
    assertThat(world.catalog().remotes().find("far").orElseThrow().failures()).isZero();
    assertThat(world.open("far")).hasSize(1);
  }

  @Test
  void whoAsksForARunIsToldWhatWaitsForAHeldRemote() throws Exception {
    world.cycle();
    holds().hold("far", Hold.PAUSED);
    assertThat(world.manual().state()).as("nothing waits").isEqualTo(RunState.SUCCEEDED);
    world.write("a", "1");
    RunRow run = world.manual();
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(run.error().orElseThrow()).contains("'far' is held: 1 file waiting");
    assertThat(world.catalog().remotes().find("far").orElseThrow().failures()).isZero();
    assertThat(near.files()).containsOnlyKeys("a");
  }

  @Test
  void whatASignalHoldsBackEndsWithItOrWithTheProcessAndNeverAPersonsPause() throws Exception {
    holds().suspend();
    assertThat(holds().isPaused()).isTrue();
    world.write("a", "1");
    world.manual();
    assertThat(near.files()).isEmpty();
    assertThat(world.catalog().findMeta("paused")).as("not for the next process").isEmpty();
    assertThat(holds().wake()).isTrue();
    assertThat(holds().isPaused()).isFalse();
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);

    holds().suspend();
    holds().resume();
    holds().pause();
    assertThat(holds().wake()).as("a person ended the signal's").isFalse();
    assertThat(holds().isPaused()).isTrue();
    holds().suspend();
    assertThat(holds().wake()).isTrue();
    assertThat(holds().isPaused()).as("the person's pause stays").isTrue();
  }

  @Test
  void whatWaitedIsSentOnceItIsLetGo() throws Exception {
    world.cycle();
    world.write("a", "1");
    holds().hold("far", Hold.PAUSED);
    world.cycle();
    holds().hold("far", Hold.NONE);
    world.clock().advance(Duration.ofSeconds(3));
    assertThat(world.mirror().schedule().due()).as("it is due soon").isPresent();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(far.files()).isEqualTo(near.files()).containsOnlyKeys("a");
  }

  @Test
  void whatWorksBesideTheMirrorLearnsWhatIsHeldAndIsWaitedFor() {
    Optional<String> near = Optional.of("near");
    Optional<String> none = Optional.empty();
    assertThat(holds().of(near)).isEqualTo(Hold.NONE);
    assertThat(holds().of(none)).isEqualTo(Hold.NONE);
    holds().hold("near", Hold.STOPPED);
    assertThat(holds().of(near)).isEqualTo(Hold.STOPPED);
    assertThat(holds().of(Optional.of("far"))).isEqualTo(Hold.NONE);
    assertThat(holds().of(none)).isEqualTo(Hold.NONE);
    holds().hold("near", Hold.PAUSED);
    assertThat(holds().of(near)).isEqualTo(Hold.PAUSED);
    holds().hold("near", Hold.NONE);
    holds().suspend();
    assertThat(holds().of(near)).isEqualTo(Hold.PAUSED);
    assertThat(holds().of(none)).isEqualTo(Hold.PAUSED);
    holds().wake();
    holds().drain();
    assertThat(holds().of(none)).isEqualTo(Hold.PAUSED);
    holds().resume();
    assertThat(holds().of(none)).isEqualTo(Hold.NONE);
    Holds beside = new Holds(world.catalog(), world.mirror(), near::equals);
    assertThat(beside.isIdle(near)).isFalse();
    assertThat(beside.isIdle(Optional.of("far"))).isTrue();
  }

  @Test
  void aHoldOutlivesARestartAndOneThatFailedStaysAsItWas() throws Exception {
    world.write("a", "1");
    far.down(true);
    world.cycle();
    int failures = world.catalog().remotes().find("far").orElseThrow().failures();
    assertThat(failures).isPositive();
    holds().hold("far", Hold.STOPPED);
    world.restart();
    assertThat(holds().heldRemotes()).containsExactly("far");
    world.clock().advance(Duration.ofHours(2));
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.catalog().remotes().find("far").orElseThrow().failures()).isEqualTo(failures);
    world.restart(TestSettings.of(store), List.of(near));
    assertThat(holds().heldRemotes()).as("a remote that is gone is held no more").isEmpty();
  }

  @Test
  void aCycleThatIsUnderWayBeginsNothingNewAtAHeldRemote() throws Exception {
    for (int i = 0; i < 10; i++) {
      world.write("f" + i, "x");
    }
    MirroredRemote mirrored = world.mirror().roster().find("near").orElseThrow();
    SyncCycle cycle = world.mirror().begin(new SyncRequest(Trigger.MANUAL, false));
    world.mirror().plan(cycle);
    RemoteCycle part = cycle.getRemotes().get(0);
    cycle.open(part);
    Iterator<SyncAction> uploads = part.getUploads();
    part.move(uploads.next());
    assertThat(holds().isIdle(Optional.of("near"))).isFalse();
    holds().hold("near", Hold.PAUSED);
    while (uploads.hasNext()) {
      assertThat(part.move(uploads.next()).state()).isEqualTo(SyncOutcome.State.SKIPPED);
    }
    part.end(world.mirror().backup());
    assertThat(world.mirror().end(cycle)).isEqualTo(RunState.PARTIAL);
    assertThat(near.files()).hasSize(1);
    assertThat(world.open("near")).hasSize(9);
    assertThat(mirrored.isBusy()).isFalse();
    assertThat(holds().isIdle(Optional.of("near"))).isTrue();
  }

  @Test
  void aDrainHoldsEverythingUntilItIsResumed() throws Exception {
    world.write("a", "1");
    holds().drain();
    assertThat(world.manual().state()).isEqualTo(RunState.PARTIAL);
    assertThat(near.files()).isEmpty();
    assertThat(holds().isIdle(Optional.empty())).isTrue();
    assertThat(world.mirror().schedule().due()).isEmpty();
    holds().resume();
    world.manual();
    assertThat(near.files()).isEqualTo(far.files()).containsOnlyKeys("a");
  }
}
