package dev.caravan.cli;

import dev.caravan.config.Settings;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the commands share. */
final class Commands {

  private static final int FAILURES_SHOWN = 20;

  private Commands() {}

  static CaravanCommand of(@Nullable CaravanCommand parent) {
    return Objects.requireNonNull(parent, "picocli sets the parent");
  }

  /** The exit code of a run's state. */
  static int exitCode(Map<String, @Nullable Object> run) {
    return switch (String.valueOf(run.get("state"))) {
      case "succeeded" -> 0;
      case "partial" -> 3;
      case "halted" -> 4;
      default -> 1;
    };
  }

  static String text(Map<?, ?> map, String key) {
    Object value = map.get(key);
    return value == null ? "-" : value.toString();
  }

  static long number(Map<?, ?> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }

  static Map<?, ?> map(Map<?, ?> map, String key) {
    return map.get(key) instanceof Map<?, ?> inner ? inner : Map.of();
  }

  /** Names the items of a run that failed, as far as they fit a screen. */
  static void printFailures(
      CaravanCommand caravan, Settings settings, String runId, PrintWriter err)
      throws Engine.CommandFailure {
    int printed = 0;
    for (Map<String, @Nullable Object> item : caravan.engine().items(settings, runId)) {
      if ("failed".equals(item.get("state")) && printed++ < FAILURES_SHOWN) {
        err.println(line(item));
      }
    }
    if (printed > FAILURES_SHOWN) {
      err.println("… and %d more".formatted(printed - FAILURES_SHOWN));
    }
  }

  /** What became of one item, in a line. */
  static String line(Map<String, @Nullable Object> item) {
    String remote = item.get("remote") == null ? "" : " -> " + item.get("remote");
    String message = item.get("message") == null ? "" : ": " + item.get("message");
    return shown(
        "%s (%s) %s%s%s"
            .formatted(item.get("action"), item.get("reason"), item.get("path"), remote, message));
  }

  /** Keeps control characters of a file's name off the terminal. */
  static String shown(Object text) {
    StringBuilder shown = new StringBuilder();
    text.toString()
        .codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }
}
