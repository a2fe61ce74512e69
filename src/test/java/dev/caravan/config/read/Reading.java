package dev.caravan.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Settings;
import dev.caravan.config.read.ConfigReader.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a text as the configuration of a folder, with or without problems. */
final class Reading {
  private final Path folder;

  Reading(Path folder) {
    this.folder = folder;
  }

  Result read(String yaml, Map<String, String> env, String... sets) {
    try {
      Files.writeString(folder.resolve("c.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ConfigReader(env, folder).read(Optional.of(Path.of("c.yaml")), List.of(sets));
  }

  Settings good(String yaml, String... sets) {
    return good(yaml, Map.of(), sets);
  }

  Settings good(String yaml, Map<String, String> env, String... sets) {
    Result result = read(yaml, env, sets);
    assertThat(result.problems()).isEmpty();
    return result.settings().orElseThrow();
  }

  /** The problems, one line each. */
  List<String> bad(String yaml, String... sets) {
    return read(yaml, Map.of(), sets).problems().stream().map(Problem::text).toList();
  }
}
