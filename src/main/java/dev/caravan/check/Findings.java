package dev.caravan.check;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a check found, each with its reason in the run's items, and the numbers by reason. */
final class Findings {

  private static final int TOLD_MAX = 100;

  private final RunBook book;
  private final CheckMeters meters;
  private final Map<CheckReason, Long> numbers = new EnumMap<>(CheckReason.class);
  private long repaired;
  private long told;

  Findings(RunBook book, CheckMeters meters) {
    this.book = book;
    this.meters = meters;
  }

  /**
   * One thing that is not as it should be.
   *
   * @param path a store path, or an object's key
   * @param remote where; empty for the store itself
   * @param sizeBytes as it should be; of an object that should not be there, as it is
   */
  record Found(String path, Optional<String> remote, CheckReason reason, long sizeBytes) {}

  /**
   * Records what was found and stays so.
   *
   * @param message for people
   */
  void add(Found found, String message) {
    record(found, "compare", state(found.reason()), message);
    if (isWarned(found.reason()) && isTold()) {
      book.warn(
          "%s%s is %s: %s"
              .formatted(
                  found.path(),
                  found.remote().map(name -> " at '" + name + "'").orElse(""),
                  found.reason().label().replace('_', ' '),
                  message));
    }
  }

  /** All are in the items; in the log, the first ones. */
  private synchronized boolean isTold() {
    return told++ < TOLD_MAX;
  }

  private static String state(CheckReason reason) {
    return isFine(reason) ? "skipped" : "failed";
  }

  private static boolean isFine(CheckReason reason) {
    return !reason.isDifference() && !reason.isUnknown();
  }

  private static boolean isWarned(CheckReason reason) {
    return !isFine(reason) || reason == CheckReason.OUTDATED;
  }

  /** Records what was found and is mended, or on its way to be. */
  void addRepaired(Found found, String message) {
    synchronized (this) {
      repaired++;
    }
    record(found, "repair", "done", message);
  }

  private synchronized void record(Found found, String action, String state, String message) {
    CheckReason reason = found.reason();
    numbers.merge(reason, 1L, Long::sum);
    book.count(count(reason), 1);
    if (reason.isDifference()) {
      meters.different(found.remote().orElse(""), reason);
    }
    book.item(
        new ItemRow(
            0,
            found.path(),
            found.remote(),
            action,
            reason.label(),
            state,
            found.sizeBytes(),
            Optional.of(message)));
  }

  private static RunCount count(CheckReason reason) {
    if (reason.isDifference()) {
      return RunCount.DIFFERENT;
    }
    return reason.isUnknown() ? RunCount.FAILED : RunCount.SKIPPED;
  }

  /** How many things do not agree, mended or not. */
  synchronized long differences() {
    return numbers.entrySet().stream()
        .filter(each -> each.getKey().isDifference())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** How many could not be found out. */
  synchronized long unknown() {
    return numbers.entrySet().stream()
        .filter(each -> each.getKey().isUnknown())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  synchronized long repaired() {
    return repaired;
  }

  /** Such as {@code 12 missing, 3 different}, the most frequent first. */
  synchronized String byReason() {
    return numbers.entrySet().stream()
        .filter(each -> !isFine(each.getKey()))
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(each -> each.getValue() + " " + each.getKey().label())
        .collect(Collectors.joining(", "));
  }
}
