package dev.caravan.snapshot.voice;

import dev.caravan.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells how a mover fares: a line of JSON for each phase, and the last words for Kubernetes. */
final class MoverVoice {

  /** What Kubernetes shows of a pod that has ended; it takes 4 KiB. */
  private static final Path USUAL = Path.of("/dev/termination-log");

  private static final int LAST_WORDS_MAX = 4_000;

  private final Consumer<String> lines;
  private final Optional<Path> lastWords;

  /**
   * @param lines take a line of JSON each
   */
  MoverVoice(Map<String, String> env, Consumer<String> lines) {
    this.lines = lines;
    this.lastWords =
        Optional.ofNullable(env.get("TERMINATION_MESSAGE_PATH"))
            .filter(path -> !path.isBlank())
            .map(Path::of)
            .or(() -> Optional.of(USUAL).filter(Files::isWritable));
  }

  /** A phase has ended. */
  void phase(String name, String state, double seconds, Map<String, ?> more) {
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("phase", name);
    line.put("state", state);
    line.put("seconds", Math.round(seconds * 1000) / 1000.0);
    line.putAll(more);
    lines.accept(Json.write(line));
  }

  /** The last words; whether somebody wants them or not changes nothing. */
  void end(String text) {
    if (lastWords.isPresent()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      try {
        Files.write(
            lastWords.get(),
            bytes.length > LAST_WORDS_MAX ? Arrays.copyOf(bytes, LAST_WORDS_MAX) : bytes,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
      } catch (IOException e) {
        // Nobody listens there.
      }
    }
  }
}
