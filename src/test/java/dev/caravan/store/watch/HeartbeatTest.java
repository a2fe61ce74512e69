package dev.caravan.store.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Silence is what was made and not noticed, never the time that passed. */
class HeartbeatTest {

  private static final Duration EVERY = Duration.ofMillis(5);

  @TempDir Path folder;
  private final AtomicInteger silences = new AtomicInteger();

  @Test
  void sixBeatsThatNobodyNoticesAreSilence() throws Exception {
    try (Heartbeat beat = new Heartbeat(folder.resolve("w"), EVERY, silences::incrementAndGet)) {
      assertThat(beat.ageSeconds()).isEmpty();
      beat.begin();
      await().until(() -> silences.get() > 0);
      assertThat(folder.resolve("w/beat")).hasContent("6");
      assertThat(beat.ageSeconds()).hasValue(0);
      beat.heard();
      await().until(() -> Files.readString(folder.resolve("w/beat")).equals("12"));
    }
  }

  @Test
  void whatCouldNotBeMadeIsNoSilence() throws Exception {
    // A folder in its place: no beat can be written, as on a full disk.
    Files.createDirectories(folder.resolve("w/beat"));
    AtomicInteger turns = new AtomicInteger();
    try (Heartbeat beat = new Heartbeat(folder.resolve("w"), EVERY, silences::incrementAndGet)) {
      beat.begin();
      await().pollInterval(EVERY).until(() -> turns.incrementAndGet() > 20);
      assertThat(silences).hasValue(0);
    }
  }
}
