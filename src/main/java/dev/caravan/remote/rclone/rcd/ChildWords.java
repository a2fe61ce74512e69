package dev.caravan.remote.rclone.rcd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the child said on its standard error, its first and its last lines, for when it ends. */
final class ChildWords {

  private static final int LINES = 10;
  private static final Pattern FAULT =
      Pattern.compile("Error:|Fatal error|Failed to|CRITICAL|not found|Invalid value");

  /** With such words it gives up; other errors it only reports. */
  private static final Pattern END = Pattern.compile("Fatal error|Failed to load|CRITICAL|panic:");

  private final List<String> first = new ArrayList<>();
  private final Deque<String> last = new ArrayDeque<>();

  synchronized void hear(String line) {
    if (line.isBlank()) {
      return;
    }
    if (first.size() < LINES) {
      first.add(line);
    }
    last.addLast(line);
    if (last.size() > LINES) {
      last.removeFirst();
    }
  }

  /** The line with which it gave up; empty when it was ended by someone else. */
  synchronized Optional<String> end() {
    return last.stream()
        .filter(line -> END.matcher(line).find())
        .findFirst()
        .map(RcloneErrors::plain);
  }

  /** The line that says why it ended, as far as one can tell. */
  synchronized String fault() {
    return first.stream()
        .filter(line -> FAULT.matcher(line).find())
        .findFirst()
        .or(() -> last.stream().filter(line -> FAULT.matcher(line).find()).findFirst())
        .or(() -> last.isEmpty() ? Optional.empty() : Optional.of(last.getLast()))
        .map(RcloneErrors::plain)
        .orElse("it said nothing");
  }
}
