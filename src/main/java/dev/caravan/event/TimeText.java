package dev.caravan.event;

import java.time.Instant;
import java.time.LocalDate;

/**
 * Times as text: what {@link Instant} reads and writes, for the usual form in a tenth of its time.
 * A backup reads several of them for each file, in manifests and in listings.
 */
public final class TimeText {

  private static final int DAY = 86_400;
  private static final int SHORTEST = "2026-11-21T03:28:00Z".length();
  private static final int LONGEST = "2026-11-21T03:28:00.000000000Z".length();

  private TimeText() {}

  /**
   * As {@link Instant#parse}.
   *
   * @throws java.time.DateTimeException when it is no time
   */
  public static Instant parse(String text) {
    int length = text.length();
    if (length < SHORTEST || length > LONGEST || !isUsual(text)) {
      return Instant.parse(text);
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 59) {
      return Instant.parse(text);
    }
    long day =
        LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
    int nano = 0;
    if (length > SHORTEST) {
      nano = number(text, SHORTEST, length - 1);
      for (int digits = length - 1 - SHORTEST; digits < 9; digits++) {
        nano *= 10;
      }
    }
    return Instant.ofEpochSecond(day * DAY + (hour * 60 + minute) * 60 + second, nano);
  }

  /** Digits and signs in their places, and one digit at least behind a point. */
  private static boolean isUsual(String text) {
    int last = text.length() - 1;
    for (int i = 0; i < last; i++) {
      char c = text.charAt(i);
      boolean right =
          switch (i) {
            case 4, 7 -> c == '-';
            case 10 -> c == 'T';
            case 13, 16 -> c == ':';
            case 19 -> c == '.' && last > 20;
            default -> c >= '0' && c <= '9';
          };
      if (!right) {
        return false;
      }
    }
    return text.charAt(last) == 'Z';
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }

  /** As {@link Instant#toString}: with no, three, six or nine digits behind the second. */
  public static String format(Instant time) {
    long seconds = time.getEpochSecond();
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, DAY));
    int year = date.getYear();
    if (year < 0 || year > 9999) {
      return time.toString();
    }
    int second = (int) Math.floorMod(seconds, (long) DAY);
    StringBuilder text = new StringBuilder(LONGEST);
    digits(text, year, 4).append('-');
    digits(text, date.getMonthValue(), 2).append('-');
    digits(text, date.getDayOfMonth(), 2).append('T');
    digits(text, second / 3_600, 2).append(':');
    digits(text, second / 60 % 60, 2).append(':');
    digits(text, second % 60, 2);
    int nano = time.getNano();
    if (nano != 0) {
      text.append('.');
      if (nano % 1_000_000 == 0) {
        digits(text, nano / 1_000_000, 3);
      } else if (nano % 1_000 == 0) {
        digits(text, nano / 1_000, 6);
      } else {
        digits(text, nano, 9);
      }
    }
    return text.append('Z').toString();
  }

  private static StringBuilder digits(StringBuilder text, int number, int count) {
    int unit = 1;
    for (int i = 1; i < count; i++) {
      unit *= 10;
    }
    for (; unit > 0; unit /= 10) {
      text.append((char) ('0' + number / unit % 10));
    }
    return text;
  }
}
