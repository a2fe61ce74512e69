package dev.caravan.purge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.caravan.catalog.FileView;
import dev.caravan.catalog.FileViews;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.purge.PurgeTable;
import dev.caravan.config.PurgeSettings.Order;
import dev.caravan.event.RunState;
import dev.caravan.sim.FlakyRemote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a disk of 1,000 bytes, two remotes, and what may leave the one for the others. */
class PurgeTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private PurgeWorld world;
  private int asked;

  /** Four files of 100 bytes; {@code a} is the oldest. */
  @BeforeEach
  void mirror() throws Exception {
    world = new PurgeWorld(store, near, far);
    world.write("a", 100, 50);
    world.write("b/b", 100, 40);
    world.write("c", 100, 30);
    world.write("d", 100, 20);
    assertThat(world.sync().cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void theOldestGoUntilEnoughIsFreeAndNotOneMore() throws Exception {
    RunRow run = world.free(750);
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).containsExactly("c", "d");
    assertThat(world.state("a")).isEqualTo("purged");
    assertThat(world.state("c")).isEqualTo("synced");
    assertThat(world.sync().items(run))
        .extracting(ItemRow::path, ItemRow::reason, ItemRow::state, ItemRow::sizeBytes)
        .containsExactly(
            tuple("a", "space_needed", "done", 100L), tuple("b/b", "space_needed", "done", 100L));
    assertThat(run.report()).contains("\"purged\":2").contains("\"bytes\":200");
    assertThat(world.sync().meters().get("caravan.purged.bytes").counter().count()).isEqualTo(200);
  }

  @Test
  void aboveTheFloorNothingGoes() throws Exception {
    assertThat(world.floor(600).toFloor().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).hasSize(4);
    assertThat(world.purge().isDue()).isFalse();
    assertThat(world.floor(601).purge().isDue()).isTrue();
    assertThat(world.toFloor().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).containsExactly("b/b", "c", "d");
  }

  @Test
  void aFloorThatCannotBeReachedIsAWorryUntilItIs() throws Exception {
    assertThat(world.floor(601).purge().worries()).as("nobody tried yet").isEmpty();
    far.down(true);
    world.floor(601).toFloor();
    assertThat(world.floor(601).purge().worries())
        .containsExactly(
            "the disk is 1 bytes below storage.min_free_gb and nothing more can be purged");
    assertThat(world.floor(600).purge().worries()).isEmpty();
    far.down(false);
    world.floor(601).toFloor();
    assertThat(world.floor(601).purge().worries()).isEmpty();
  }

  @Test
  void theColdestIsWhatWasReadLongestAgo() throws Exception {
    world.ordering(Order.COLDEST).read("a", 5);
    world.read("b/b", 100);
    assertThat(world.free(750).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).containsExactly("a", "d");
  }

  @Test
  void byAgeAllThatIsOlderGoesWhateverIsFree() throws Exception {
    RunRow run = world.olderThan(Duration.ofHours(35));
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).containsExactly("c", "d");
    assertThat(world.kept(run)).isEqualTo(Map.of("c", "not_old_enough", "d", "not_old_enough"));
  }

  @Test
  void whatIsProtectedExcludedYoungOrJustReadStays() throws Exception {
    world.write(".dccd/log", 10, 90);
    world.write("young", 10, 0);
    world.write("left", 10, 60);
    world.sync().cycle();
    world.read("d", 0);
    world.protecting("a").excluding("b/**").including("a", "b/**", "c", "d", "young", ".dccd/**");
    RunRow run = world.free(900);
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(world.kept(run))
        .isEqualTo(
            Map.of(
                "a", "protected",
                ".dccd/log", "protected",
                "b/b", "excluded",
                "left", "not_included",
                "young", "too_young",
                "d", "read_recently"));
    assertThat(world.local()).doesNotContain("c").hasSize(6);
  }

  @Test
  void aFloorThatCannotBeReachedEndsPartialAndSaysWhatIsMissing() throws Exception {
    far.lose("a");
    near.plant("b/b", "y".repeat(100));
    RunRow run = world.free(900);
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(run.error().orElseThrow())
        .contains("100 bytes")
        .contains("1 gone_at_remote")
        .contains("1 replaced_at_remote");
    assertThat(world.local()).containsExactly("a", "b/b");
    assertThat(world.kept(run))
        .isEqualTo(Map.of("a", "gone_at_remote", "b/b", "replaced_at_remote"));
  }

  @Test
  void aRemoteThatIsDownKeepsAllAndIsAskedOnce() throws Exception {
    far.down(true);
    far.callsSince();
    RunRow run = world.free(900);
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(world.local()).hasSize(4);
    assertThat(world.kept(run)).hasSize(4).containsEntry("d", "remote_failed");
    assertThat(far.callsSince()).isEqualTo(1);
    assertThat(world.needing("1").free(900).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void withANumberOfCopiesThatManyAreAskedAndDo() throws Exception {
    far.lose("a");
    near.lose("b/b");
    assertThat(world.needing("1").free(800).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).containsExactly("c", "d");
    near.lose("c");
    far.lose("c");
    RunRow run = world.needing("1").free(900);
    assertThat(world.kept(run)).isEqualTo(Map.of("c", "gone_at_remote"));
    assertThat(world.local()).containsExactly("c");
  }

  @Test
  void aFileThatWasRewrittenSinceItWasHashedStays() throws Exception {
    Files.writeString(world.sync().path("a"), "z".repeat(100));
    RunRow run = world.free(700);
    assertThat(world.kept(run)).isEqualTo(Map.of("a", "changed"));
    assertThat(world.local()).containsExactly("a", "c", "d");
    assertThat(world.state("a")).isEqualTo("synced");
  }

  @Test
  void aFileThatIsRewrittenAfterItsRemotesWereAskedStays() throws Exception {
    world.holding(
        path -> {
          // Asked twice: before the gate, and right before the decision.
          if (path.value().equals("a")) {
            rewriteOnce();
          }
          return false;
        });
    RunRow run = world.free(700);
    assertThat(world.kept(run)).containsEntry("a", "changed");
    assertThat(Files.readString(world.sync().path("a"))).isEqualTo("new");
    assertThat(world.sync().manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.text("a")).isEqualTo("new");
  }

  private void rewriteOnce() {
    if (++asked == 2) {
      try {
        Files.writeString(world.sync().path("a"), "new", StandardOpenOption.TRUNCATE_EXISTING);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void whatIsReadAtThatMomentStays() throws Exception {
    RunRow run = world.holding(path -> path.value().equals("a")).free(700);
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.kept(run)).isEqualTo(Map.of("a", "in_use"));
    assertThat(world.local()).containsExactly("a", "c", "d");
  }

  @Test
  void whatWasNeverProvenOrIsMissingStays() throws Exception {
    world.write("e", 100, 60);
    Files.delete(world.sync().path("a"));
    world.sync().catalog().flush();
    far.down(true);
    world.sync().cycle();
    far.down(false);
    RunRow run = world.free(1_000);
    assertThat(world.kept(run)).isEqualTo(Map.of("e", "not_proven", "a", "missing"));
    assertThat(world.local()).containsExactly("e");
  }

  @Test
  void aDryRunListsAndChangesNothing() throws Exception {
    RunRow run = world.protecting("a").dryRun(750);
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.local()).hasSize(4);
    assertThat(world.sync().items(run).stream().filter(i -> i.state().equals("planned")))
        .extracting(ItemRow::path)
        .containsExactly("b/b", "c");
    assertThat(world.kept(run)).isEqualTo(Map.of("a", "protected", "d", "not_needed"));
    assertThat(world.sync().files()).allMatch(file -> file.state().equals("synced"));
  }

  @Test
  void afterAPurgeEverySyncLeavesTheRemotesAlone() throws Exception {
    world.free(1_000);
    assertThat(world.local()).isEmpty();
    Map<String, String> before = near.holds();
    for (int i = 0; i < 3; i++) {
      assertThat(world.sync().cycle().state()).isEqualTo(RunState.SUCCEEDED);
    }
    world.sync().restart();
    assertThat(world.sync().manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.holds()).isEqualTo(before).hasSize(4);
    assertThat(far.files()).hasSize(4);
    world.sync().loseCatalog();
    assertThat(world.sync().manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.holds()).isEqualTo(before);
    assertThat(world.sync().files()).hasSize(4).allMatch(f -> f.state().equals("purged"));
  }

  @Test
  void aPurgedFileKeepsItsSizeTimesAndExtent() throws Exception {
    List<FileView> before = world.sync().files();
    List<FileViews.Folder> folders = world.sync().catalog().views().folders(Optional.empty(), 10);
    world.free(1_000);
    assertThat(world.sync().files())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("state")
        .isEqualTo(before);
    assertThat(world.sync().catalog().views().folders(Optional.empty(), 10))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("local", "purged")
        .isEqualTo(folders)
        .allMatch(folder -> folder.local() == 0 && folder.purged() == folder.files());
  }

  @Test
  void aPurgedFileThatIsMadeAnewIsANewVersion() throws Exception {
    world.free(1_000);
    world.sync().write("a", "again");
    assertThat(world.sync().cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.text("a")).isEqualTo("again");
    assertThat(world.state("a")).isEqualTo("synced");
    assertThat(near.files()).hasSize(4);
  }

  @Test
  void aProcessThatDiesBeforeTheUnlinkLeavesTheFileAndNothingIsSentOrDeleted() throws Exception {
    int puts = near.puts().size();
    PurgeGate gate =
        new PurgeGate(
            world.sync().tree(),
            world.sync().catalog(),
            world.sync().mirror().roster().entries().stream()
                .map(e -> new PurgeRemote(e.row().id(), e.remote().remote(), () -> {}))
                .toList(),
            2,
            PurgeHold.NONE);
    PurgeGate.Open open = (PurgeGate.Open) gate.ask(PurgeWorld.at("a"));
    boolean decided =
        world
            .sync()
            .catalog()
            .write(
                session ->
                    new PurgeTable(world.sync().catalog())
                        .recordPurged(
                            session,
                            open.file(),
                            open.holders().stream().map(PurgeRemote::id).toList()));
    assertThat(decided).isTrue();
    assertThat(world.state("a")).isEqualTo("purged");
    world.sync().restart();
    assertThat(world.sync().cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.state("a")).isEqualTo("synced");
    assertThat(near.puts().stream().skip(puts).filter(key -> !key.startsWith(".caravan")))
        .isEmpty();
    assertThat(near.holds()).hasSize(4);
    assertThat(world.local()).hasSize(4);
  }

  @Test
  void aStoreThatWaitsForAPersonIsLeftAlone() throws Exception {
    Path marker = world.sync().state().resolve("store.id");
    Path away = Files.move(marker, marker.resolveSibling("away"));
    RunRow run = world.free(900);
    assertThat(run.state()).isEqualTo(RunState.HALTED);
    assertThat(run.error().orElseThrow()).contains("marker");
    assertThat(world.local()).hasSize(4);
    Files.move(away, marker);
    assertThat(world.free(900).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void beforeTheFirstSyncNothingIsPurged() throws Exception {
    try (PurgeWorld fresh = new PurgeWorld(store.resolve("fresh"), new FlakyRemote("other"))) {
      fresh.write("a", 10, 50);
      assertThat(fresh.free(PurgeWorld.DISK_BYTES).state()).isEqualTo(RunState.HALTED);
      assertThat(fresh.local()).containsExactly("a");
    }
  }
}
