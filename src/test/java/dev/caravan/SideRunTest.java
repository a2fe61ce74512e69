package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.config.Settings;
import dev.caravan.config.read.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore into another folder, where one of the remotes is made of routes that do not run. */
class SideRunTest {

  @TempDir Path folder;

  @Test
  void aRemoteMadeOfRoutesIsPassedOver() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("c.yaml"),
            """
            store: {path: %s}
            storage:
              remotes:
                - {provider: camel, name: tape, put: "direct:put"}
                - {provider: dir, name: disk, path: %s}
            """
                .formatted(
                    Files.createDirectory(folder.resolve("store")),
                    Files.createDirectory(folder.resolve("disk"))));
    Settings settings =
        new ConfigReader(Map.of(), folder)
            .read(Optional.of(config), List.of())
            .settings()
            .orElseThrow();
    Clock clock = Clock.systemUTC();
    try (StateFolder state = StateFolder.open(settings.store(), clock)) {
      SideRun run = new SideRun(settings, state, progress -> {});
      Path to = folder.resolve("back");
      assertThat(run.go(to, List.of(""), Optional.empty(), Optional.empty(), clock))
          .containsEntry("state", "succeeded");
      assertThat(run.go(to, List.of(""), Optional.of("disk"), Optional.empty(), clock))
          .containsEntry("state", "succeeded");
      assertThatThrownBy(
              () -> run.go(to, List.of(""), Optional.of("tape"), Optional.empty(), clock))
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("tape");
    }
  }
}
