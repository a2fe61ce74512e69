package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private SyncWorld world;
  private Readiness readiness;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near);
    world.write("a", "x");
    // The interval is an hour.
    readiness =
        new Readiness(
            TestSettings.of(store).settings(),
            world.catalog(),
            world.mirror().roster(),
            world.clock());
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void pass(Duration time) {
    world.clock().advance(time);
    world.manual();
  }

  @Test
  void aRemoteThatHasFailedForMoreThanTwoIntervalsIsAReason() throws Exception {
    world.cycle();
    assertThat(readiness.reasons()).isEmpty();
    near.down(true);
    world.write("b", "y");
    pass(Duration.ofHours(1));
    assertThat(readiness.reasons()).as("it fails only since now").isEmpty();
    pass(Duration.ofMinutes(119));
    assertThat(readiness.reasons()).isEmpty();
    pass(Duration.ofMinutes(2));
    assertThat(readiness.reasons()).containsExactly("remote 'near' has failed for long");
    near.down(false);
    pass(Duration.ofMinutes(1));
    assertThat(readiness.reasons()).isEmpty();
    near.down(true);
    world.write("b", "y again");
    pass(Duration.ofMinutes(1));
    assertThat(readiness.reasons()).as("counted anew after a success").isEmpty();
  }

  @Test
  void aHaltIsAReasonUntilAPersonAgrees() throws Exception {
    world.cycle();
    world.delete("a");
    world.cycle();
    assertThat(readiness.reasons()).containsExactly("halted: store_empty");
    world.approve();
    world.manual();
    assertThat(readiness.reasons()).isEmpty();
  }
}
