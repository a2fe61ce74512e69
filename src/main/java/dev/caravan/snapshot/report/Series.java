package dev.caravan.snapshot.report;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The name and the labels of one line in Prometheus' text format. */
record Series(String name, SortedMap<String, String> labels) implements Comparable<Series> {

  static Series of(String name, Map<String, String> labels) {
    return new Series(name, new TreeMap<>(labels));
  }

  Series with(String label, String value) {
    SortedMap<String, String> more = new TreeMap<>(labels);
    more.put(label, value);
    return new Series(name, more);
  }

  String label(String label) {
    return labels.getOrDefault(label, "");
  }

  /** As it is written before the value. */
  String text() {
    return labels.entrySet().stream()
        .map(each -> each.getKey() + "=\"" + escaped(each.getValue()) + '"')
        .collect(Collectors.joining(",", name + "{", "}"));
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\"", "\\\"");
  }

  @Override
  public int compareTo(Series other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : text().compareTo(other.text());
  }
}
