package dev.caravan.purge;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.purge.PurgeTable.Candidate;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The files that stay, each with its reason in the run's items, and their numbers by reason. */
final class KeptFiles {

  private final RunBook book;
  private final Map<PurgeReason, Long> numbers = new EnumMap<>(PurgeReason.class);

  KeptFiles(RunBook book) {
    this.book = book;
  }

  void add(Candidate file, PurgeReason reason, Optional<String> message) {
    boolean failed = reason == PurgeReason.UNLINK_FAILED;
    numbers.merge(reason, 1L, Long::sum);
    book.count(failed ? RunCount.FAILED : RunCount.SKIPPED, 1);
    book.item(
        new ItemRow(
            0,
            file.path().value(),
            Optional.empty(),
            "keep",
            reason.label(),
            failed ? "failed" : "skipped",
            file.sizeBytes(),
            message));
    if (failed) {
      book.warn(file.path() + ": " + message.orElse("it could not be unlinked"));
    }
  }

  long number() {
    return numbers.values().stream().mapToLong(Long::longValue).sum();
  }

  /** True when something stays that would go if it could be proven, or unlinked. */
  boolean isAnyAgainstWish() {
    return numbers.keySet().stream().anyMatch(reason -> !reason.isWish());
  }

  /** Such as {@code 12 too_young, 3 not_proven}, the most frequent first. */
  String byReason() {
    return numbers.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(each -> each.getValue() + " " + each.getKey().label())
        .collect(Collectors.joining(", "));
  }
}
