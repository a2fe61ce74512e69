package dev.caravan.config.read.text;

import java.text.ParseException;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quartz.CronExpression;

/** Checks Quartz cron expressions, also where Quartz itself is lenient. */
public final class Cron {
  /** How one is written, as a hint. */
  public static final String FORM =
      "second minute hour day-of-month month day-of-week, such as 0 0 3 * * ? for every day at 3";

  private static final List<Range> FIELDS =
      List.of(
          new Range("second", 0, 59),
          new Range("minute", 0, 59),
          new Range("hour", 0, 23),
          new Range("day of month", 1, 31),
          new Range("month", 1, 12),
          new Range("day of week", 1, 7),
          new Range("year", 1970, 2099));

  /** A value, perhaps to a second one, perhaps every so many; {@code 6#3} and L-3 are Quartz's. */
  private static final Pattern PIECE =
      Pattern.compile(
          "(\\d+)?[A-Za-z*?]*(?:-(?:(\\d+)|[A-Za-z]+))?[A-Za-z]*(?:#(\\d+))?(?:/(\\d+))?");

  private Cron() {}

  private record Range(String name, int least, int most) {}

  /** What is wrong with an expression; empty when it is good. */
  public static Optional<String> problem(String expression) {
    String[] fields = expression.strip().split("\\s+");
    if (fields.length < 6 || fields.length > 7) {
      return Optional.of("has " + fields.length + " fields instead of 6 or 7");
    }
    for (int i = 0; i < fields.length; i++) {
      for (String piece : fields[i].split(",", -1)) {
        Range range = FIELDS.get(i);
        if (!fits(piece, range)) {
          return Optional.of(
              "the " + range.name() + " is outside " + range.least() + " to " + range.most());
        }
      }
    }
    try {
      Date epoch = new Date(0);
      return new CronExpression(expression.strip()).getNextValidTimeAfter(epoch) == null
          ? Optional.of("never comes true")
          : Optional.empty();
    } catch (ParseException | RuntimeException e) {
      // Quartz repeats the expression in its message, and throws more than it declares.
      return Optional.of("is not a Quartz cron expression");
    }
  }

  private static boolean fits(String piece, Range range) {
    Matcher m = PIECE.matcher(piece);
    if (!m.matches()) {
      return true; // left to Quartz to judge
    }
    boolean lastDays = piece.startsWith("L-");
    return in(m.group(1), range.least(), range.most())
        && in(m.group(2), lastDays ? 0 : range.least(), lastDays ? 30 : range.most())
        && in(m.group(3), 1, 5)
        && in(m.group(4), 1, range.most());
  }

  private static boolean in(String number, int least, int most) {
    if (number == null) {
      return true;
    }
    return number.length() <= 4
        && Integer.parseInt(number) >= least
        && Integer.parseInt(number) <= most;
  }
}
