package dev.caravan.config.read;

import java.util.Comparator;

/**
 * One thing that is wrong in the configuration; it never contains a configured value.
 *
 * @param file the file as it was named, or {@code --set}
 * @param line from 1; 0 when there is no line
 * @param column from 1; 0 when there is no line
 * @param key full dotted key such as {@code storage.remotes[0].bucket}; empty for the whole file
 * @param message what is wrong, to be read after the key
 * @param hint what to do about it; may be empty
 */
public record Problem(String file, int line, int column, String key, String message, String hint) {

  /** The order in which a reader of the file meets them; those without a line come last. */
  static final Comparator<Problem> READING_ORDER =
      Comparator.comparing((Problem p) -> p.line == 0)
          .thenComparingInt(Problem::line)
          .thenComparingInt(Problem::column)
          .thenComparing(Problem::key);

  /** One line for people: {@code caravan.yaml:3:7: http.port: is not a whole number (hint)}. */
  public String text() {
    return file
        + (line > 0 ? ":" + line + ":" + column : "")
        + ": "
        + (key.isEmpty() ? "" : key + ": ")
        + message
        + (hint.isEmpty() ? "" : " (" + hint + ")");
  }

  @Override
  public String toString() {
    return text();
  }
}
