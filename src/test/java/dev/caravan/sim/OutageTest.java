package dev.caravan.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.alert.Alerts;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.sync.SyncSchedule;
import dev.caravan.sync.SyncWorld;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One remote is unreachable for an hour, by a simulated clock, while another works. */
class OutageTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration WRITES_EVERY = Duration.ofSeconds(90);
  private static final long FLAT_BYTES = 16L << 20;

  @TempDir(factory = HistoryTest.InMemory.class)
  Path store;

  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private final List<String> alerts = new CopyOnWriteArrayList<>();
  private int written;
  private int cycles;

  @Test
  void theOtherStaysCurrentAndPeopleHearOnceOfItAndOnceOfItsEnd() throws Exception {
    try (SyncWorld world = SyncWorld.of(store, near, far);
        Alerts told = alerts(world)) {
      told.start();
      world.cycle();
      far.down(true);
      far.callsSince();
      live(world, Duration.ofMinutes(10));
      long early = usedMemory();
      live(world, HOUR.minusMinutes(10));

      assertThat(usedMemory() - early).as("memory stays flat").isLessThan(FLAT_BYTES);
      assertThat(world.open("far")).as("what waits for it").hasSize(written);
      // Growing pauses: 10 s, 20 s, … up to an hour, a few calls each time
      assertThat(far.callsSince()).as("it was really away, and left alone").isBetween(3, 60);
      assertThat(cycles).as("no more cycles than there were reasons").isLessThan(2 * written + 60);

      far.mend();
      live(world, Duration.ofMinutes(65));
      assertThat(far.files()).isEqualTo(near.files()).hasSize(written);
      Awaitility.await("alerts").until(() -> alerts.size() >= 2 && told.isTried());
      assertThat(alerts).containsExactly("failing", "recovered");
    }
  }

  private Alerts alerts(SyncWorld world) {
    return new Alerts(
        world.configuration().alerts(),
        store,
        world.catalog(),
        new Alerts.Told(world.events(), new SimpleMeterRegistry()),
        (alert, kind) -> {
          alerts.add(kind);
          return Optional.empty();
        },
        world.clock());
  }

  /** Lets time pass in steps of a second, in which the owner writes and cycles run when due. */
  private void live(SyncWorld world, Duration time) throws Exception {
    SyncSchedule schedule = world.mirror().schedule();
    Instant end = world.clock().instant().plus(time);
    Instant next = world.clock().instant();
    while (world.clock().instant().isBefore(end)) {
      if (!world.clock().instant().isBefore(next)) {
        world.write("f%05d".formatted(written++), "x");
        schedule.changed();
        next = next.plus(WRITES_EVERY);
      }
      Optional<Trigger> due = schedule.due();
      if (due.isPresent()) {
        cycles++;
        RunState state = world.cycle(due.get(), false).state();
        assertThat(state).isIn(RunState.SUCCEEDED, RunState.PARTIAL);
        assertThat(near.files()).as("the good one is current").hasSize(written);
      }
      world.clock().advance(Duration.ofSeconds(1));
    }
  }

  private static long usedMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
