package dev.caravan.snapshot.voice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run says of itself. */
class PhasesTest {

  @TempDir Path folder;
  private final List<String> lines = new ArrayList<>();

  @Test
  void eachPhaseIsALineAndTheEndIsSaidOnce() {
    Path last = folder.resolve("last");
    Phases phases =
        new Phases(
            Map.of("TERMINATION_MESSAGE_PATH", last.toString()),
            lines::add,
            Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
            "connect");
    phases.done(Map.of("bucket", "b"));
    phases.enter("verify");
    phases.end(Optional.of("cut"), Map.of("files", 3), "verify failed");
    phases.end(Optional.empty(), Map.of(), "it went well after all");

    assertThat(lines)
        .containsExactly(
            "{\"phase\":\"connect\",\"state\":\"done\",\"seconds\":0.0,\"bucket\":\"b\"}",
            "{\"phase\":\"verify\",\"state\":\"failed\",\"seconds\":0.0,\"error\":\"cut\"}",
            "{\"phase\":\"end\",\"state\":\"failed\",\"seconds\":0.0,\"exit_code\":1,\"files\":3,"
                + "\"error\":\"cut\",\"summary\":\"verify failed\"}");
    assertThat(last).hasContent("verify failed");
  }

  @Test
  void theProgressSaysHowFarItIsOfWhatIsKnown() {
    AtomicReference<MoverProgress.Mark> now =
        new AtomicReference<>(new MoverProgress.Mark(1, 1 << 20, 20 << 20));
    try (MoverProgress progress = new MoverProgress(now::get, "fetched")) {
      assertThat(progress.next()).isEqualTo("1 file, 1.00 MiB; 20.0 MiB fetched, 2.00 MiB/s");
      progress.expect(10, 10 << 20);
      now.set(new MoverProgress.Mark(5, 5 << 20, 50 << 20));
      assertThat(progress.next())
          .isEqualTo("5 of 10 files, 5.00 MiB of 10.0 MiB; 50.0 MiB fetched, 3.00 MiB/s");
    }
  }
}
