package dev.caravan.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.store.room.DiskSpace;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SpaceGoalTest {

  private static final long MIB = 1L << 20;
  private static final long FILE = 100 * MIB;

  private final AtomicLong free = new AtomicLong(FILE);
  private final SpaceGoal goal = goal(Optional.of(100 * FILE));

  private SpaceGoal goal(Optional<Long> bytes) {
    return new SpaceGoal(() -> new DiskSpace(free.get(), 1000 * FILE), bytes, millis -> {});
  }

  @Test
  void whereDeletingFreesNothingItEndsSoon() {
    assertThat(unlinkedUntilFutile(0, 0)).isEqualTo(3);
    assertThat(goal.futility().orElseThrow()).contains("300 MiB left", "0 B became free");
  }

  @Test
  void aLittleThatComesBackIsEnoughToGoOn() {
    assertThat(unlinkedUntilFutile(FILE / 50, 0)).isEqualTo(50);
  }

  @Test
  void writersWhoTakeAllThatBecomesFreeDoNotEndIt() {
    assertThat(unlinkedUntilFutile(FILE, FILE)).isEqualTo(50);
  }

  @Test
  void byAgeItDoesNotMatter() {
    SpaceGoal none = goal(Optional.empty());
    for (int i = 0; i < 10; i++) {
      none.unlinked(FILE);
    }
    assertThat(none.futility()).isEmpty();
  }

  private int unlinkedUntilFutile(long freed, long written) {
    for (int i = 0; i < 50; i++) {
      goal.isReached();
      if (goal.futility().isPresent()) {
        return i;
      }
      free.addAndGet(-written);
      goal.look();
      free.addAndGet(freed);
      goal.unlinked(FILE);
    }
    return 50;
  }
}
