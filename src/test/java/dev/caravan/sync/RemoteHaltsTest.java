package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import java.nio.file.Path;
import java.util.UUID;
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
  void anotherStoresRemoteHaltsEverythingUntilAPersonAgrees() {
    far.plant(MARKER, other + "\n");
    far.plant("theirs", "t");
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("far", other, "--accept-halt");
    assertThat(near.files()).isEmpty();
    assertThat(far.files()).containsOnlyKeys("theirs");
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
