package dev.caravan.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The written form of durations: {@code 2s}, {@code 10m}, {@code 1h30m}, {@code 30d}; a plain
 * number is seconds.
 */
public final class Durations {

  private static final String FORM = "write a number and a unit, such as 30s, 10m, 1h30m or 30d";
  private static final Pattern WHOLE = Pattern.compile("([0-9]{1,12}(\\.[0-9]{1,9})?[a-z]+)+");
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([a-z]+)");

  /** Big units first: a smaller one follows a bigger one. */
  private static final List<String> UNITS = List.of("w", "d", "h", "m", "s", "ms");

  private static final List<BigDecimal> MILLIS =
      List.of(
          millis(604_800_000),
          millis(86_400_000),
          millis(3_600_000),
          millis(60_000),
          millis(1000),
          millis(1));

  /** A century; longer is a slip of the pen, and shorter never overflows a clock. */
  private static final Duration LONGEST = Duration.ofDays(36_525);

  private Durations() {}

  /**
   * Reads the written form; milliseconds are the finest grain.
   *
   * @throws IllegalArgumentException whose message says how to write it
   */
  public static Duration parse(String text) {
    String t = text.strip();
    if (t.startsWith("-")) {
      throw new IllegalArgumentException("it cannot be negative; " + FORM);
    }
    if (t.matches("[0-9]{1,12}(\\.[0-9]{1,9})?")) {
      return bounded(new BigDecimal(t).multiply(millis(1000)));
    }
    if (!WHOLE.matcher(t).matches()) {
      throw new IllegalArgumentException(FORM);
    }
    BigDecimal sum = BigDecimal.ZERO;
    int last = -1;
    Matcher part = PART.matcher(t);
    while (part.find()) {
      int unit = UNITS.indexOf(part.group(2));
      if (unit <= last) {
        throw new IllegalArgumentException(FORM);
      }
      last = unit;
      sum = sum.add(new BigDecimal(part.group(1)).multiply(MILLIS.get(unit)));
    }
    return bounded(sum);
  }

  /** Writes what {@link #parse} reads, without loss down to milliseconds. */
  public static String format(Duration duration) {
    return String.format(Locale.ROOT, "%d.%03ds", duration.toSeconds(), duration.toMillisPart());
  }

  private static Duration bounded(BigDecimal millis) {
    if (millis.compareTo(BigDecimal.valueOf(LONGEST.toMillis())) > 0) {
      throw new IllegalArgumentException("more than a century is not accepted; " + FORM);
    }
    return Duration.ofMillis(millis.longValue());
  }

  private static BigDecimal millis(long millis) {
    return BigDecimal.valueOf(millis);
  }
}
