package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.archive.ArchiveHost.Hold;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person holds back is left alone, costs no attempt, and goes on where it was. */
class ArchiveHoldTest {

  @TempDir Path folder;
  private ArchiveLab lab;

  @BeforeEach
  void setUp() throws Exception {
    lab = new ArchiveLab(folder);
  }

  @AfterEach
  void tearDown() throws Exception {
    lab.close();
  }

  private List<String> states(List<Long> ids) {
    return ids.stream().map(lab::state).toList();
  }

  @Test
  void nothingBeginsWhileItIsHeldAndAllIsDueWhenItIsNot() throws Exception {
    lab.register("A", "a");
    lab.hold = Hold.PAUSED;
    assertThat(lab.archive("A").isDue()).isFalse();
    assertThat(lab.archive("A").begin()).isFalse();
    lab.hold = Hold.NONE;
    assertThat(lab.archive("A").begin()).isTrue();
  }

  @Test
  void aPauseLetsTheBatchUnderWayEndAndNoOtherBegin() throws Exception {
    lab.batch(2).deleteAfter(Duration.ZERO, dev.caravan.config.ArchiveSettings.DeleteClock.COPIED);
    List<Long> all =
        List.of(lab.register("A", "a"), lab.register("A", "b"), lab.register("A", "c"));
    lab.carrier("A").afterEach = () -> lab.hold = Hold.PAUSED;
    lab.round("A");
    assertThat(states(all)).containsExactly("copied", "copied", "queued");
    assertThat(lab.runs()).extracting(RunRow::state).containsExactly(RunState.SUCCEEDED);
    lab.hold = Hold.NONE;
    lab.carrier("A").afterEach = () -> {};
    lab.clock.advance(Duration.ofSeconds(1));
    assertThat(lab.archive("A").isDue()).as("without its sleep_time").isTrue();
    lab.round("A");
    lab.clock.advance(Duration.ofSeconds(5));
    lab.round("A");
    assertThat(states(all)).containsOnly("removed");
  }

  @Test
  void aStopBreaksTheBatchOffAndCostsNoAttempt() throws Exception {
    List<Long> all = List.of(lab.register("A", "a"), lab.register("A", "b"));
    lab.carrier("A").afterEach = () -> lab.hold = Hold.STOPPED;
    lab.round("A");
    assertThat(states(all)).containsExactly("copied", "queued");
    assertThat(lab.runs()).extracting(RunRow::state).containsExactly(RunState.CANCELLED);
    assertThat(lab.row(all.get(1)).attempts()).isZero();
    assertThat(lab.archive("A").hostFailures()).isZero();
    lab.hold = Hold.NONE;
    lab.carrier("A").afterEach = () -> {};
    lab.clock.advance(Duration.ofSeconds(1));
    assertThat(lab.archive("A").isDue()).isTrue();
    lab.round("A");
    assertThat(states(all)).containsOnly("copied");
  }

  @Test
  void nothingIsAnnouncedWhileItIsHeld() throws Exception {
    lab.at(1_700_000_000);
    lab.register("A", "17000/s/a");
    lab.round("A");
    lab.at(1_700_200_000);
    lab.hold = Hold.PAUSED;
    lab.round("A");
    assertThat(lab.announced()).isEmpty();
    lab.hold = Hold.NONE;
    lab.round("A");
    assertThat(lab.announced()).hasSize(1);
  }
}
