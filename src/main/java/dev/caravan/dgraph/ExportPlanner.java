package dev.caravan.dgraph;

import dev.caravan.catalog.export.ExportRow;
import dev.caravan.dgraph.files.AlphaFolder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Says which folders are the output of which export. An Alpha works on one task after the other, in
 * the order in which it took them, and read timestamps grow: so a folder belongs to the first
 * export that was not over before anything was written to it, and that was over afterwards.
 */
final class ExportPlanner {

  /** Stamps of files and the Alpha's whole seconds may differ by this much. */
  static final Duration SLACK = Duration.ofSeconds(2);

  private ExportPlanner() {}

  /**
   * What was found for an export.
   *
   * @param waits whether another export has to be settled first
   * @param folders its own; empty when none was found (yet)
   */
  record Choice(boolean waits, List<AlphaFolder> folders) {

    private static final Choice WAIT = new Choice(true, List.of());
  }

  /**
   * Chooses.
   *
   * @param row the export, whose task has ended
   * @param known all exports of late, the oldest first; this one among them
   * @param unbound ids of exports whose folders are not known
   * @param free folders that belong to no export yet, by read timestamp
   */
  static Choice choose(
      ExportRow row, List<ExportRow> known, List<Long> unbound, List<AlphaFolder> free) {
    if (!row.ask().named().isEmpty()) {
      return new Choice(false, free.stream().filter(each -> isNamed(row, each)).toList());
    }
    boolean isGood = row.task().good().orElse(false);
    long end = row.task().endedMillis().orElse(0L);
    long floor = row.ask().atMillis() - SLACK.toMillis();
    for (ExportRow other : known) {
      if (other.id() >= row.id() || other.ask().destination().isPresent()) {
        continue;
      }
      if (other.task().endedMillis().isEmpty() && !other.state().isEnd()) {
        return Choice.WAIT;
      }
      if (isWaitedFor(other, row, unbound)) {
        return Choice.WAIT;
      }
      floor = Math.max(floor, other.task().endedMillis().orElse(0L));
    }
    long least = floor;
    long most = end + (isGood ? SLACK.toMillis() : 1_000);
    List<AlphaFolder> fitting =
        free.stream()
            .filter(each -> each.newestMillis() >= least)
            .filter(each -> (isGood ? each.oldestMillis() : each.newestMillis()) <= most)
            .toList();
    TreeSet<Long> times = new TreeSet<>(fitting.stream().map(AlphaFolder::readTs).toList());
    if (times.isEmpty() || (!isGood && times.size() < 2 && isDisputed(row, known, unbound))) {
      return new Choice(false, List.of());
    }
    long readTs = times.first();
    // Groups may have begun in different minutes: their folders have different names.
    return new Choice(false, free.stream().filter(each -> each.readTs() == readTs).toList());
  }

  /** An earlier export of this Alpha that ended well has the first choice. */
  private static boolean isWaitedFor(ExportRow other, ExportRow row, List<Long> unbound) {
    return other.task().good().orElse(false)
        && unbound.contains(other.id())
        && !other.state().isEnd()
        && other.ask().named().isEmpty()
        && row.id() > other.id();
  }

  /** Whether a later export that ended well may have written what a failed one seems to have. */
  private static boolean isDisputed(ExportRow row, List<ExportRow> known, List<Long> unbound) {
    return known.stream()
        .filter(other -> other.id() > row.id() && unbound.contains(other.id()))
        .anyMatch(other -> !other.state().isEnd());
  }

  private static boolean isNamed(ExportRow row, AlphaFolder folder) {
    return row.ask().named().stream().anyMatch(name -> name.startsWith(folder.name() + "/"));
  }

  /** When to try again after so many failures: soon, then at most every ten minutes. */
  static Duration pause(int attempts) {
    long seconds = 2L << Math.min(Math.max(0, attempts - 1), 9);
    return Duration.ofSeconds(Math.min(600, seconds));
  }

  /** The read timestamp of folders that belong together; empty when there are none. */
  static Optional<String> readTs(List<AlphaFolder> folders) {
    return folders.stream().map(each -> Long.toString(each.readTs())).findFirst();
  }
}
