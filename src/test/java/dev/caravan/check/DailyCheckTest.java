package dev.caravan.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.config.CheckSettings;
import dev.caravan.event.RunState;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.sync.SyncWorld;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A share each day, so that no proof grows older than the cycle; and a drill. */
class DailyCheckTest {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration CYCLE = Duration.ofDays(5);

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private SyncWorld world;
  private CheckedStore checked;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near);
    checked = new CheckedStore(world, near);
    for (int i = 0; i < 10; i++) {
      world.write("f" + i, "content of f" + i);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @AfterEach
  void close() {
    checked.close();
  }

  private Duration oldestProof() {
    world.catalog().flush();
    int id = world.catalog().remotes().find("near").orElseThrow().id();
    long since = world.catalog().views().oldestProofMillis(id).orElseThrow();
    return Duration.ofMillis(world.clock().millis() - since);
  }

  @Test
  void withinTheCycleEverythingIsReadAgain() {
    for (int day = 1; day <= 5; day++) {
      world.clock().advance(DAY);
      CheckedStore.Result result = checked.daily(CYCLE, 0);
      assertThat(result.state()).as(result.error()).isEqualTo(RunState.SUCCEEDED);
      assertThat(result.count(RunCount.VERIFIED)).as("a fifth of them").isEqualTo(2);
    }
    assertThat(oldestProof()).isEqualTo(DAY.multipliedBy(4));
    world.clock().advance(DAY.multipliedBy(2));
    assertThat(checked.daily(CYCLE, 0).count(RunCount.VERIFIED))
        .as("days were left out: what would become too old is due as well")
        .isEqualTo(4);
    assertThat(oldestProof()).isLessThanOrEqualTo(CYCLE);
  }

  @Test
  void aShareNamesWhatItFinds() throws Exception {
    for (int i = 0; i < 10; i++) {
      CheckedStore.plant(near, "f" + i, ("cOntent of f" + i).getBytes(StandardCharsets.UTF_8));
    }
    CheckedStore.plant(near, "extra", new byte[1]);
    world.clock().advance(DAY);
    CheckedStore.Result result = checked.daily(CYCLE, 0);
    assertThat(result.found()).containsExactly("near different f0", "near different f1");
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
  }

  @Test
  void aDrillRestoresToAScratchFolderAndLeavesNothingThere() throws Exception {
    CheckedStore.Result result = checked.daily(Duration.ZERO, 6);
    assertThat(result.state()).as(result.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(result.items())
        .hasSize(6)
        .allMatch(item -> item.action().equals("drill") && item.state().equals("done"));
    assertThat(result.items().stream().map(ItemRow::path).distinct().count()).isGreaterThan(2);
    for (int i = 0; i < 10; i++) {
      CheckedStore.plant(near, "f" + i, ("cOntent of f" + i).getBytes(StandardCharsets.UTF_8));
    }
    result = checked.daily(Duration.ZERO, 3);
    assertThat(result.count(RunCount.DIFFERENT)).isEqualTo(3);
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    try (var left = Files.list(world.state().resolve("drill"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aShareIsDueOnceADayAndOnlyWhereOneIsWanted() {
    CheckSettings wanted = new CheckSettings(CYCLE, 0);
    CheckSettings never = new CheckSettings(Duration.ZERO, 0);
    assertThat(new CheckSchedule(never, world.catalog(), world.clock()).isDue()).isFalse();
    CheckSchedule schedule = new CheckSchedule(wanted, world.catalog(), world.clock());
    assertThat(schedule.isDue()).isTrue();
    schedule.recordBegun();
    world.clock().advance(Duration.ofHours(23));
    assertThat(schedule.isDue()).isFalse();
    world.clock().advance(Duration.ofHours(1));
    assertThat(schedule.isDue()).isTrue();
    schedule.recordBegun();
    schedule.recordInterrupted();
    assertThat(schedule.isDue()).as("the process ended meanwhile").isTrue();
  }
}
