package dev.caravan.dgraph;

import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
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

  private static final long SECOND = 1_000;

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
    List<ExportRow> earlier =
        known.stream()
            .filter(other -> other.id() < row.id())
            .filter(ExportPlanner::isHere)
            .toList();
    if (earlier.stream().anyMatch(other -> !isSettled(other, unbound))) {
      return Choice.WAIT;
    }
    long floor = row.ask().atMillis() - SLACK.toMillis();
    for (ExportRow other : earlier) {
      floor = Math.max(floor, end(other));
    }
    List<AlphaFolder> fitting = between(free, floor, end(row) + SLACK.toMillis());
    return isGood(row)
        ? ofGood(row, earlier, unbound, free, fitting)
        : ofFailed(row, known, unbound, free, floor);
  }

  private static Choice ofGood(
      ExportRow row,
      List<ExportRow> earlier,
      List<Long> unbound,
      List<AlphaFolder> free,
      List<AlphaFolder> fitting) {
    // One that was given up may have gone on, and left a folder that is nobody's.
    boolean haunted =
        earlier.stream()
            .anyMatch(
                other ->
                    other.state() == ExportState.EXPIRED
                        && unbound.contains(other.id())
                        && other.task().changedMillis() > row.ask().atMillis());
    TreeSet<Long> times = times(fitting);
    return times.isEmpty()
        ? new Choice(false, List.of())
        : at(haunted ? times.last() : times.first(), free);
  }

  /** What a failed export left is only its own where no other can have written it. */
  private static Choice ofFailed(
      ExportRow row,
      List<ExportRow> known,
      List<Long> unbound,
      List<AlphaFolder> free,
      long floor) {
    TreeSet<Long> own =
        times(
            free.stream()
                .filter(each -> each.newestMillis() >= floor)
                .filter(each -> each.newestMillis() <= end(row) + SECOND)
                .toList());
    if (own.isEmpty()) {
      return new Choice(false, List.of());
    }
    Choice lowest = at(own.first(), free);
    boolean isSurely = lowest.folders().stream().anyMatch(each -> each.oldestMillis() < end(row));
    Optional<ExportRow> next =
        known.stream()
            .filter(other -> other.id() > row.id() && unbound.contains(other.id()))
            .filter(ExportPlanner::isHere)
            .filter(other -> !other.state().isEnd())
            .findFirst();
    if (isSurely || next.isEmpty()) {
      return lowest;
    }
    if (next.get().task().good().isEmpty()) {
      return Choice.WAIT;
    }
    int folders = times(between(free, floor, end(next.get()) + SLACK.toMillis())).size();
    return isGood(next.get()) && folders < 2 ? new Choice(false, List.of()) : lowest;
  }

  private static List<AlphaFolder> between(List<AlphaFolder> free, long floor, long most) {
    return free.stream()
        .filter(each -> each.newestMillis() >= floor && each.oldestMillis() <= most)
        .toList();
  }

  private static TreeSet<Long> times(List<AlphaFolder> folders) {
    return new TreeSet<>(folders.stream().map(AlphaFolder::readTs).toList());
  }

  /** Groups may have begun in different minutes: their folders have different names. */
  private static Choice at(long readTs, List<AlphaFolder> free) {
    return new Choice(false, free.stream().filter(each -> each.readTs() == readTs).toList());
  }

  private static boolean isGood(ExportRow row) {
    return row.task().good().orElse(false);
  }

  /** To the second, rounded down, as the Alpha tells it. */
  private static long end(ExportRow row) {
    return row.task().endedMillis().orElse(0L);
  }

  /** Whether the Alpha writes to its own folder, under names that only it knows. */
  private static boolean isHere(ExportRow row) {
    return row.ask().destination().isEmpty() && row.ask().named().isEmpty();
  }

  /** Whether it is known which folders are an export's, or that none ever will be. */
  private static boolean isSettled(ExportRow row, List<Long> unbound) {
    return row.state().isEnd() || !unbound.contains(row.id());
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
