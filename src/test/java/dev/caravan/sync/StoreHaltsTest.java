package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import dev.caravan.sync.plan.SyncHalt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that cannot be believed. */
class StoreHaltsTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private SyncWorld world;

  @BeforeEach
  void open() {
    world = SyncWorld.of(store, near);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void fill(String folder, int files) throws Exception {
    for (int i = 0; i < files; i++) {
      world.write(folder + "/" + i, folder + i);
    }
  }

  private void empty(String folder, int files) throws Exception {
    for (int i = 0; i < files; i++) {
      world.delete(folder + "/" + i);
    }
  }

  @Test
  void tooManyDeletionsWaitWhileUploadsGoOn() throws Exception {
    fill("d", 30);
    fill("k", 5);
    world.cycle();
    empty("d", 30);
    world.cycle();
    world.write("new", "n");
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("30 of 35", "--accept-halt");
    assertThat(near.files()).hasSize(36).containsKey("new");
    world.restart();
    world.cycle();
    assertThat(near.files()).hasSize(36);
    world.approve();
    world.restart();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).hasSize(6);
    assertThat(world.catalog().halts().findOpen()).isEmpty();
  }

  @Test
  void tooManyLinksAndEmptyFoldersWaitAsFilesDo() throws Exception {
    fill("k", 5);
    Path links = Files.createDirectories(world.path("k"));
    for (int i = 0; i < 15; i++) {
      Files.createSymbolicLink(links.resolve("l" + i), Path.of("0"));
      Files.createDirectory(links.resolve("f" + i));
    }
    world.cycle();
    NodeTable nodes = new NodeTable(world.catalog());
    assertThat(nodes.page("k", "", 100)).hasSize(31);
    for (int i = 0; i < 15; i++) {
      Files.delete(links.resolve("l" + i));
      Files.delete(links.resolve("f" + i));
    }
    world.cycle();
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("30 of 31 folders and links", "--accept-halt");
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    assertThat(nodes.page("k", "", 100)).hasSize(31);
    world.approve();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(nodes.page("k", "", 100)).hasSize(1);
    assertThat(world.catalog().halts().findOpen()).isEmpty();
  }

  @Test
  void anApprovalCoversWhatWasRefusedAndNotWhatComesLater() throws Exception {
    fill("d", 30);
    fill("e", 30);
    fill("k", 5);
    world.cycle();
    empty("d", 30);
    world.cycle();
    world.cycle();
    world.approve();
    empty("e", 30);
    world.cycle();
    assertThat(near.files()).hasSize(35);
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(near.files()).hasSize(35);
  }

  @Test
  void anApprovalThatComesWhileACycleHaltsAgainIsNotLost() throws Exception {
    fill("d", 30);
    fill("k", 5);
    world.cycle();
    empty("d", 30);
    world.cycle();
    FlakyRemote far = new FlakyRemote("far");
    world.restart(TestSettings.of(store), List.of(near, far));
    far.breakAfter(0, Break.BEFORE, Cause.OTHER, world::approve);
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).hasSize(5);
  }

  @Test
  void anApprovalThatComesJustBeforeTheSameIsFoundAgainIsNotLost() throws Exception {
    fill("d", 3);
    world.cycle();
    empty("d", 3);
    world.cycle();
    Optional<HaltRow> before = world.catalog().halts().findOpen();
    world.approve();
    SyncCycle cycle = world.mirror().begin(new SyncRequest(Trigger.SCHEDULE, false));
    new HaltBook(cycle.context())
        .record(before, new SyncHalt(SyncHalt.Kind.STORE_EMPTY, before.orElseThrow().message()));
    world.mirror().end(cycle);
    assertThat(world.catalog().halts().findOpen().map(HaltRow::approved)).contains(true);
  }

  @Test
  void anEmptiedStoreDeletesNothing() throws Exception {
    fill("d", 3);
    world.cycle();
    empty("d", 3);
    for (int i = 0; i < 4; i++) {
      RunRow run = world.cycle();
      assertThat(run.state()).isEqualTo(RunState.HALTED);
      assertThat(near.files()).hasSize(3);
    }
    assertThat(world.catalog().halts().findOpen().map(HaltRow::kind)).contains("store_empty");
    world.approve();
    world.cycle();
    assertThat(near.files()).isEmpty();
  }

  @Test
  void aStoreWithoutItsMarkerIsLeftAlone() throws Exception {
    fill("d", 3);
    world.cycle();
    Path marker = world.state().resolve("store.id");
    byte[] text = Files.readAllBytes(marker);
    Files.delete(marker);
    world.write("d/0", "changed");
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("marker", "--accept-halt");
    assertThat(near.text("d/0")).isEqualTo("d0");
    Files.write(marker, text);
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.text("d/0")).isEqualTo("changed");
  }

  @Test
  void whatWasMissingAndIsThenExcludedHaltsNothingAndStays() throws Exception {
    fill("d", 30);
    fill("k", 5);
    world.cycle();
    empty("d", 30);
    world.cycle();
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    world.restart(TestSettings.of(store).excluding(List.of("d/**")), List.of(near));
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).hasSize(35);
  }

  @Test
  void aHaltIsNotRetriedLikeAFailure() throws Exception {
    fill("d", 3);
    world.cycle();
    near.down(true);
    world.write("d/0", "changed");
    assertThat(world.manual().state()).isEqualTo(RunState.FAILED);
    Files.delete(world.state().resolve("store.id"));
    world.clock().advance(Duration.ofMinutes(5));
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    assertThat(next()).isAfter(world.clock().instant().plus(Duration.ofMinutes(50)));
  }

  @Test
  void aFailedFileThatNobodyTriesAnyMoreMakesNoCycleDue() throws Exception {
    fill("d", 3);
    near.breakAfter(5, Break.BEFORE, Cause.OTHER);
    assertThat(world.cycle().state()).isEqualTo(RunState.PARTIAL);
    assertThat(next()).isBefore(world.clock().instant().plus(Duration.ofMinutes(1)));
    world.restart(TestSettings.of(store).excluding(List.of("d/**")), List.of(near));
    world.write("k", "x");
    world.clock().advance(Duration.ofMinutes(5));
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(next()).isAfter(world.clock().instant().plus(Duration.ofMinutes(50)));
  }

  private Instant next() {
    return world.mirror().schedule().next().orElseThrow();
  }
}
