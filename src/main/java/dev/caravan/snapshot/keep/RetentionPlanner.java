package dev.caravan.snapshot.keep;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Chooses which snapshots are removed. */
public final class RetentionPlanner {

  private RetentionPlanner() {}

  /**
   * The complete snapshots that no rule keeps. The newest complete one always stays.
   *
   * @param all in any order; those that are not complete do not count
   */
  public static List<Snapshot> expired(List<Snapshot> all, KeepRules rules, Instant now) {
    if (rules.keepsAll()) {
      return List.of();
    }
    List<Snapshot> newestFirst =
        all.stream()
            .filter(Snapshot::isComplete)
            .sorted(Comparator.comparing(Snapshot::takenAt).reversed())
            .toList();
    Set<Snapshot> kept = new HashSet<>(newestFirst.stream().limit(1).toList());
    newestFirst.stream().limit(rules.last()).forEach(kept::add);
    newestFirst.stream().filter(each -> isYoung(each, rules.days(), now)).forEach(kept::add);
    keepNewestOfEach(newestFirst, rules.daily(), day -> day, kept);
    keepNewestOfEach(newestFirst, rules.weekly(), RetentionPlanner::monday, kept);
    keepNewestOfEach(newestFirst, rules.monthly(), day -> day.withDayOfMonth(1), kept);
    List<Snapshot> expired = new ArrayList<>(newestFirst);
    expired.removeAll(kept);
    expired.sort(Comparator.comparing(Snapshot::takenAt));
    return expired;
  }

  /**
   * The folders that were begun and never finished, and are older than the newest complete
   * snapshot: a later backup made them pointless. Whether somebody still writes there only the
   * remote knows.
   */
  public static List<Snapshot> unfinished(List<Snapshot> all) {
    Instant newest =
        all.stream()
            .filter(Snapshot::isComplete)
            .map(Snapshot::takenAt)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
    return all.stream()
        .filter(each -> !each.isComplete() && each.takenAt().isBefore(newest))
        .toList();
  }

  /**
   * The folders that were begun and never finished before this one, which went through the whole
   * source and is not complete either: it holds whatever they hold that could be read.
   *
   * @param name of the snapshot
   */
  public static List<Snapshot> outrun(List<Snapshot> all, String name) {
    return all.stream()
        .filter(each -> !each.isComplete() && each.name().compareTo(name) < 0)
        .toList();
  }

  private static boolean isYoung(Snapshot snapshot, int days, Instant now) {
    return days > 0 && snapshot.takenAt().isAfter(now.minus(Duration.ofDays(days)));
  }

  private static void keepNewestOfEach(
      List<Snapshot> newestFirst,
      int periods,
      Function<LocalDate, LocalDate> period,
      Set<Snapshot> kept) {
    Set<LocalDate> seen = new HashSet<>();
    for (Snapshot each : newestFirst) {
      LocalDate day = LocalDate.ofInstant(each.takenAt(), ZoneOffset.UTC);
      if (seen.size() < periods && seen.add(period.apply(day))) {
        kept.add(each);
      }
    }
  }

  private static LocalDate monday(LocalDate day) {
    return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
  }
}
