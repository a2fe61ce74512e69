package dev.caravan.config.read;

import dev.caravan.config.check.Checks;
import dev.caravan.config.read.Written.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the problems of one reading, and remembers where each key was written. */
final class Findings implements Checks {
  /** Where built-in defaults come from: nowhere that could be pointed at. */
  static final Origin DEFAULT = new Origin("built-in default", 0, 0);

  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Origin> origins = new HashMap<>();
  private final Map<String, String> files = new HashMap<>();
  private final Origin whole;

  /** Problems of keys that were not written anywhere are told at {@code whole}. */
  Findings(Origin whole) {
    this.whole = whole;
  }

  void seen(String key, Origin origin) {
    if (!isDefault(origin)) {
      origins.put(key, origin);
    }
  }

  /** Asked for each key: a record's own comparison is made only when it is first needed. */
  private static boolean isDefault(Origin origin) {
    return origin.line() == 0 && origin.file().equals(DEFAULT.file());
  }

  /** A secret came from a file: what is wrong with it is told at the key that names the file. */
  void fromFile(String key, String fileKey) {
    files.put(key, fileKey);
  }

  /** For a key that turned out to say nothing, such as an empty variable. */
  void forget(String key) {
    origins.remove(key);
  }

  boolean isWrong(String key) {
    String writtenKey = files.getOrDefault(key, key);
    return problems.stream().anyMatch(p -> p.key().equals(writtenKey));
  }

  /** Whether the key says something, right or wrong. */
  @Override
  public boolean isWritten(String key) {
    return origins.containsKey(key);
  }

  void add(Origin written, String key, String message, String hint) {
    Origin at = isDefault(written) ? whole : written;
    String writtenKey = files.getOrDefault(key, key);
    problems.add(new Problem(at.file(), at.line(), at.column(), writtenKey, message, hint));
  }

  /** Tells a problem at the key, or at the nearest written thing around it. */
  void add(String key, String message, String hint) {
    add(nearest(key), key, message, hint);
  }

  /** As {@link #add(String, String, String)}, unless something was found at the key before. */
  @Override
  public void check(boolean wrong, String key, String message, String hint) {
    if (wrong && !isWrong(key)) {
      add(key, message, hint);
    }
  }

  List<Problem> inReadingOrder() {
    return problems.stream().distinct().sorted(Problem.READING_ORDER).toList();
  }

  private Origin nearest(String key) {
    String k = key;
    while (!k.isEmpty()) {
      Origin origin = origins.get(k);
      if (origin != null) {
        return origin;
      }
      k = k.substring(0, Math.max(0, Math.max(k.lastIndexOf('.'), k.lastIndexOf('['))));
    }
    return whole;
  }
}
