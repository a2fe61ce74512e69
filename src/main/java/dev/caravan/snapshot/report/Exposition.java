package dev.caravan.snapshot.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prometheus' text format, version 0.0.4: as much of it as this room writes. */
final class Exposition {

  /** The media type of the text. */
  static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s+-?\\d+)?");
  private static final Pattern LABEL =
      Pattern.compile("\\s*([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*+)\"\\s*,?");

  /** A metric with its kind: {@code counter}, {@code gauge} or {@code histogram}. */
  record Family(String name, String kind, String help) {

    /** True for the lines that belong to it. */
    boolean owns(String series) {
      return series.equals(name)
          || (kind.equals("histogram")
              && (series.equals(name + "_bucket")
                  || series.equals(name + "_count")
                  || series.equals(name + "_sum")));
    }
  }

  private Exposition() {}

  /**
   * Reads the lines that are wanted; what is not understood is no value of ours, and is skipped.
   */
  static SortedMap<Series, Double> read(BufferedReader text, Predicate<Series> wanted)
      throws IOException {
    SortedMap<Series, Double> values = new TreeMap<>();
    for (String line = text.readLine(); line != null; line = text.readLine()) {
      Matcher found = LINE.matcher(line);
      if (!line.startsWith("#") && found.matches()) {
        Series series = new Series(found.group(1), labels(found.group(2)));
        if (wanted.test(series)) {
          number(found.group(3), series, values);
        }
      }
    }
    return values;
  }

  private static SortedMap<String, String> labels(String text) {
    SortedMap<String, String> labels = new TreeMap<>();
    if (text != null) {
      Matcher label = LABEL.matcher(text);
      while (label.lookingAt()) {
        labels.put(label.group(1), unescaped(label.group(2)));
        label.region(label.end(), text.length());
      }
    }
    return labels;
  }

  private static String unescaped(String value) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        i++;
        c = value.charAt(i) == 'n' ? '\n' : value.charAt(i);
      }
      plain.append(c);
    }
    return plain.toString();
  }

  private static void number(String text, Series series, Map<Series, Double> values) {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        values.put(series, value);
      }
    } catch (NumberFormatException e) {
      // A line that says no number says nothing.
    }
  }

  /** Writes the values, family by family. */
  static String write(List<Family> families, SortedMap<Series, Double> values) {
    StringBuilder text = new StringBuilder();
    for (Family family : families) {
      StringBuilder lines = new StringBuilder();
      values.forEach(
          (series, value) -> {
            if (family.owns(series.name())) {
              lines.append(series.text()).append(' ').append(plain(value)).append('\n');
            }
          });
      if (!lines.isEmpty()) {
        text.append("# HELP ").append(family.name()).append(' ').append(family.help());
        text.append("\n# TYPE ").append(family.name()).append(' ').append(family.kind());
        text.append('\n').append(lines);
      }
    }
    return text.toString();
  }

  /** Whole numbers without a fraction: a timestamp in the form 1.7E9 is hard to read. */
  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1L << 53
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
