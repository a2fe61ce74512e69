package dev.caravan.config;

import java.time.LocalTime;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A rate limit by time of day.
 *
 * @param bytesPerSecond from each time of day on; {@code Long.MAX_VALUE} means no limit; never
 *     empty
 */
public record Bandwidth(NavigableMap<LocalTime, Long> bytesPerSecond) {

  private static final List<String> UNITS = List.of("", "KiB", "MiB", "GiB");

  private static final String FORM =
      "write 10MiB/s, off, or a timetable such as 08:00,512KiB/s 19:00,off with each time once";

  /**
   * Reads {@code 10MiB/s}, {@code off} or a timetable such as {@code 08:00,512KiB/s 19:00,off}.
   *
   * @throws IllegalArgumentException whose message says how to write it
   */
  public static Bandwidth parse(String text) {
    var limits = new TreeMap<LocalTime, Long>();
    String[] words = text.strip().split("\\s+");
    if (words.length == 1 && !words[0].contains(",")) {
      limits.put(LocalTime.MIDNIGHT, rate(words[0]));
      return new Bandwidth(limits);
    }
    for (String word : words) {
      String[] parts = word.split(",", -1);
      if (parts.length != 2 || limits.put(time(parts[0]), rate(parts[1])) != null) {
        throw new IllegalArgumentException(FORM);
      }
    }
    return new Bandwidth(limits);
  }

  private static LocalTime time(String text) {
    if (!text.matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
      throw new IllegalArgumentException(FORM);
    }
    return LocalTime.parse(text);
  }

  private static long rate(String text) {
    if (text.equals("off")) {
      return Long.MAX_VALUE;
    }
    if (!text.endsWith("/s")) {
      throw new IllegalArgumentException(FORM);
    }
    long bytes = ByteSize.parse(text.substring(0, text.length() - 2)).bytes();
    if (bytes == 0) {
      throw new IllegalArgumentException("a limit of 0 would stop everything; " + FORM);
    }
    return bytes;
  }

  /** As {@link #parse} reads it. */
  public String text() {
    if (bytesPerSecond.size() == 1) {
      return rateText(bytesPerSecond.firstEntry().getValue());
    }
    return bytesPerSecond.entrySet().stream()
        .map(entry -> entry.getKey() + "," + rateText(entry.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String rateText(long rate) {
    if (rate == Long.MAX_VALUE) {
      return "off";
    }
    int unit = Math.min(UNITS.size() - 1, Long.numberOfTrailingZeros(rate) / 10);
    return (rate >> 10 * unit) + UNITS.get(unit) + "/s";
  }

  /** The limit at a time of day; empty when there is none. */
  public OptionalLong limitAt(LocalTime time) {
    var entry = bytesPerSecond.floorEntry(time);
    long limit = (entry == null ? bytesPerSecond.lastEntry() : entry).getValue();
    return limit == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(limit);
  }
}
