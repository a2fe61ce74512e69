package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrashTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private SyncWorld world;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near);
    world.write("keep", "k");
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void trash(String path, String text) throws Exception {
    world.write(path, text);
    world.cycle();
    world.delete(path);
    world.cycle();
    world.cycle();
    assertThat(near.files()).doesNotContainKey(path);
  }

  private List<String> trashed() {
    return near.holds().keySet().stream()
        .filter(key -> key.startsWith(".caravan/trash/"))
        .map(key -> key.substring(".caravan/trash/0000-00-00/".length()))
        .toList();
  }

  private void passDays(int days) throws Exception {
    for (int day = 0; day < days; day++) {
      world.clock().advance(Duration.ofDays(1));
      world.write("keep", "k" + world.clock().instant());
      world.cycle();
    }
  }

  @Test
  void whatIsTrashedTwiceOnOneDayIsThereTwice() throws Exception {
    trash("a", "one");
    trash("a", "two!");
    trash("a~1", "a name of its own");
    trash("a", "three");
    assertThat(trashed()).containsExactly("a", "a~1", "a~1~1", "a~2");
    world.clock().advance(Duration.ofDays(1));
    trash("a", "the next day");
    assertThat(trashed()).containsExactly("a", "a~1", "a~1~1", "a~2", "a");
  }

  @Test
  void aDeletionWhoseAnswerWasLostReplacesNothingEither() throws Exception {
    world.write("a", "one");
    world.cycle();
    world.delete("a");
    world.cycle();
    near.breakAfter(2, Break.AFTER, Cause.NETWORK);
    world.cycle();
    assertThat(trashed()).as("it was moved away, unheard").containsExactly("a");
    world.write("a", "two!");
    world.manual();
    world.delete("a");
    world.manual();
    world.manual();
    assertThat(trashed()).containsExactly("a", "a~1");
  }

  @Test
  void theTrashExpiresOnceItIsOldAndCaravanSawThreeDaysPass() throws Exception {
    trash("a", "one");
    passDays(29);
    assertThat(trashed()).containsExactly("a");
    passDays(3);
    assertThat(trashed()).isEmpty();
  }

  @Test
  void aClockThatJumpsAheadEmptiesNoTrash() throws Exception {
    trash("a", "one");
    world.clock().advance(Duration.ofDays(400));
    for (int cycle = 0; cycle < 5; cycle++) {
      world.cycle();
    }
    assertThat(trashed()).containsExactly("a");
    world.clock().advance(Duration.ofDays(-400));
    passDays(5);
    assertThat(trashed()).as("the clock was put right").containsExactly("a");
  }
}
