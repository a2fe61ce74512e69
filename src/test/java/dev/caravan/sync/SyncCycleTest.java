package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.config.StorageSettings.Deletes;
import dev.caravan.event.RunState;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncCycleTest {

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

  @Test
  void whatLiesInTheStoreIsMirroredEverywhereAndProven() throws Exception {
    world.write("a/b.txt", "hello");
    world.write("c", "");
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("a/b.txt", "c").isEqualTo(far.files());
    assertThat(near.text("a/b.txt")).isEqualTo("hello");
    assertThat(world.files()).hasSize(2).allMatch(file -> file.state().equals("synced"));
  }

  @Test
  void aQuietCycleAsksNoRemote() throws Exception {
    world.write("a", "x");
    world.cycle();
    near.callsSince();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.callsSince()).isZero();
  }

  @Test
  void aTouchedFileIsReadAndNotSent() throws Exception {
    Path file = world.write("a", "x");
    world.cycle();
    near.callsSince();
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    RunRow run = world.cycle();
    assertThat(world.items(run)).extracting(ItemRow::reason).containsOnly("unchanged");
    assertThat(near.callsSince())
        .as("two calls look for the marker, one sets the time, one puts the copy of the catalog")
        .isEqualTo(4);
    assertThat(world.file("a").state()).isEqualTo("synced");
  }

  @Test
  void aDeletionTakesTwoLooksAndEndsInTheTrash() throws Exception {
    world.write("a", "x");
    world.write("b", "y");
    world.cycle();
    world.delete("a");
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("a", "b");
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("b");
    assertThat(near.holds().keySet()).anyMatch(key -> key.matches("[.]caravan/trash/....-..-../a"));
    assertThat(world.files()).extracting(file -> file.path()).containsExactly("b");
  }

  @Test
  void aRemoteThatIsDownFailsAloneAndCatchesUp() throws Exception {
    world.write("a", "x");
    far.down(true);
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(run.error().orElseThrow()).contains("far");
    assertThat(near.files()).containsOnlyKeys("a");
    far.down(false);
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(far.files()).isEqualTo(near.files());
  }

  /** A changed checksum in the catalog looks as a rotten disk does: the stamps say "unchanged". */
  @Test
  void bytesThatRottedInPlaceReachNoRemote() throws Exception {
    world.write("a", "sound");
    far.down(true);
    world.cycle();
    String other = "0".repeat(64);
    world
        .catalog()
        .commit(
            session ->
                session
                    .createUpdate("UPDATE file SET sha256 = :other WHERE path = 'a'")
                    .bind("other", other)
                    .execute());
    far.down(false);
    RunRow run = world.manual();
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(far.files()).isEmpty();
    assertThat(near.files()).containsOnlyKeys("a");
    assertThat(world.items(run))
        .anySatisfy(
            item -> {
              assertThat(item.reason()).isEqualTo("damaged");
              assertThat(item.message().orElseThrow()).contains("check --mode full");
            });
  }

  @Test
  void aDeletionWhoseAnswerWasLostIsNotTakenForAHeldFile() throws Exception {
    world.write("a", "same");
    world.write("b", "y");
    world.cycle();
    world.delete("a");
    world.cycle();
    near.breakAfter(2, Break.AFTER, Cause.NETWORK);
    world.cycle();
    assertThat(near.files()).as("it was moved away, unheard").containsOnlyKeys("b");
    world.write("a", "same");
    world.manual();
    world.manual();
    assertThat(near.files()).containsOnlyKeys("a", "b");
    assertThat(world.file("a").state()).isEqualTo("synced");
  }

  @Test
  void aDryRunChangesNothingAnywhere() throws Exception {
    world.write("a", "x");
    RunRow run = world.dryRun();
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.items(run)).hasSize(2).allMatch(item -> item.state().equals("planned"));
    assertThat(near.holds()).isEmpty();
    world.cycle();
    world.delete("a");
    world.write("b", "y");
    world.dryRun();
    world.dryRun();
    world.dryRun();
    world.cycle();
    assertThat(near.files()).as("dry runs are no looks").containsKeys("a", "b");
  }

  @Test
  void aDryRunTakesNoChangeOffTheSchedule() throws Exception {
    world.cycle();
    world.write("a", "x");
    world.mirror().schedule().changed();
    Optional<Instant> due = world.mirror().schedule().next();
    world.dryRun();
    assertThat(world.mirror().schedule().isChangeDue()).isTrue();
    assertThat(world.mirror().schedule().next()).isEqualTo(due);
  }

  @Test
  void aCancelledCycleSaysSoAndTheNextOneGoesOn() throws Exception {
    for (int i = 0; i < 10; i++) {
      world.write("f" + i, "x" + i);
    }
    world.cycle();
    for (int i = 0; i < 10; i++) {
      world.write("f" + i, "changed " + i);
    }
    near.breakAfter(3, Break.BEFORE, Cause.OTHER, () -> world.mirror().queue().stop());
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.INTERRUPTED);
    world.restart();
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).isEqualTo(far.files());
    assertThat(near.text("f9")).isEqualTo("changed 9");
  }

  @Test
  void aTakenBackDeletionByMirroringIsSentAgainAsWell() throws Exception {
    world.restart(TestSettings.of(store).deleting(Deletes.MIRROR), List.of(near));
    world.write("a", "same");
    world.write("b", "y");
    world.cycle();
    world.delete("a");
    world.cycle();
    near.breakAfter(0, Break.AFTER, Cause.NETWORK);
    world.cycle();
    world.write("a", "same");
    world.manual();
    assertThat(near.files()).containsOnlyKeys("a", "b");
  }
}
