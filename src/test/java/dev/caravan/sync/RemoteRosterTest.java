package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RemoteRow;
import dev.caravan.event.RunState;
import dev.caravan.sim.FlakyRemote;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteRosterTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private TestSettings settings;
  private SyncWorld world;

  @BeforeEach
  void open() throws Exception {
    settings = TestSettings.of(store);
    world = SyncWorld.of(store, near, far);
    world.write("a", "old a");
    world.write("b", "b");
    world.cycle();
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aRemoteThatMovedIsProvenToHoldNothing() {
    FlakyRemote moved = far.moved("memory:elsewhere");
    world.restart(settings, List.of(near, moved));
    assertThat(world.open("far")).hasSize(2).allMatch(copy -> copy.heldSha256().isEmpty());
    assertThat(world.open("near")).isEmpty();
    RemoteRow row = world.catalog().remotes().find("far").orElseThrow();
    assertThat(row.owned()).isFalse();
    assertThat(row.reconcile()).isTrue();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(moved.files()).isEqualTo(near.files()).hasSize(2);
  }

  @Test
  void aNewRemoteGetsEveryFile() {
    FlakyRemote third = new FlakyRemote("third");
    world.restart(settings, List.of(near, far, third));
    assertThat(world.open("third")).hasSize(2);
    world.cycle();
    assertThat(third.files()).isEqualTo(near.files());
  }

  @Test
  void aRemoteThatWasLeftOutForAWhileCatchesUp() throws Exception {
    world.restart(settings, List.of(near));
    world.write("a", "new a");
    world.write("c", "c");
    world.delete("b");
    world.cycle();
    world.cycle();
    world.restart(settings, List.of(near, far));
    assertThat(world.file("a").copies().get("far").state()).isEqualTo("pending");
    world.cycle();
    assertThat(far.files()).isEqualTo(near.files()).containsOnlyKeys("a", "c");
    assertThat(far.text("a")).isEqualTo("new a");
  }

  @Test
  void aRemoteThatWasLeftOutWhileNothingChangedIsNotSentAnything() {
    world.restart(settings, List.of(near));
    world.cycle();
    world.restart(settings, List.of(near, far));
    assertThat(world.open("far")).isEmpty();
    far.callsSince();
    world.cycle();
    assertThat(far.callsSince()).isZero();
  }

  @Test
  void anEntryComesInTheOrderOfTheConfiguration() {
    world.restart(settings, List.of(far, near));
    assertThat(world.mirror().roster().entries())
        .extracting(entry -> entry.row().name())
        .containsExactly("far", "near");
    assertThat(world.names()).containsOnlyKeys(1, 2).containsEntry(1, "near");
  }

  @Test
  void aLostCatalogIsRebuiltWithoutSendingOrDeletingAnything() throws Exception {
    world.delete("b");
    world.loseCatalog();
    near.callsSince();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    world.cycle();
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("a", "b").isEqualTo(far.files());
    assertThat(near.holds()).as("no trash").hasSize(2);
    assertThat(world.file("a").state()).isEqualTo("synced");
    assertThat(world.file("b").state()).isEqualTo("purged");
    assertThat(world.catalog().runs().list(Optional.empty(), Optional.empty(), 9))
        .allMatch(run -> !run.report().matches(".*\"uploaded\":[1-9].*"));
  }

  @Test
  void aLostCatalogAndAChangedFileSendsThatFile() throws Exception {
    world.write("a", "nu1 a");
    world.loseCatalog();
    world.cycle();
    assertThat(near.text("a")).isEqualTo("nu1 a");
    assertThat(world.file("b").state()).isEqualTo("synced");
  }
}
