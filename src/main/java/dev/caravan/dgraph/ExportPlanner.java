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
 * export that was not over before anything was written to it, and that was over afterwards. Where
 * an export may have written that is not known, or whose end is not, nothing is guessed.
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
   * @param unclear whether there are folders that may be its own or another's, so that none is
   *     touched
   * @param folders its own; empty when none was found (yet)
   */
  record Choice(boolean waits, boolean unclear, List<AlphaFolder> folders) {

    private static final Choice WAIT = new Choice(true, false, List.of());
    private static final Choice UNCLEAR = new Choice(false, true, List.of());

    static Choice of(List<AlphaFolder> folders) {
      return new Choice(false, false, folders);
    }
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
      return Choice.of(free.stream().filter(each -> isNamed(row, each)).toList());
    }
    List<ExportRow> others =
        known.stream().filter(ExportPlanner::isHere).filter(o -> o.id() != row.id()).toList();
    List<ExportRow> earlier = others.stream().filter(other -> isBefore(other, row)).toList();
    if (earlier.stream().anyMatch(other -> !isSettled(other, unbound))) {
      return Choice.WAIT;
    }
    long floor = row.ask().atMillis() - SLACK.toMillis();
    for (ExportRow other : earlier) {
      floor = Math.max(floor, end(other));
    }
    List<ExportRow> rivals =
        others.stream()
            .filter(other -> unbound.contains(other.id()))
            .filter(other -> other.ask().atMillis() <= end(row) + SLACK.toMillis())
            .toList();
    boolean haunted = rivals.stream().anyMatch(other -> mayStillRun(other, earlier));
    List<ExportRow> later = rivals.stream().filter(other -> !isBefore(other, row)).toList();
    if (!isGood(row)) {
      return haunted ? Choice.of(List.of()) : ofFailed(row, later, free, floor);
    }
    TreeSet<Long> times = times(between(free, floor, end(row) + SLACK.toMillis()));
    if (times.size() > 1 && (haunted || times.size() - 1 > later.size())) {
      return Choice.UNCLEAR;
    }
    return times.isEmpty() ? Choice.of(List.of()) : at(times.first(), free);
  }

  /**
   * Whether the Alpha worked on another export first. It works on one after the other, so ends tell
   * more than ids: two answers at the same moment may have been recorded in either order.
   */
  private static boolean isBefore(ExportRow other, ExportRow row) {
    Optional<Long> end = other.task().endedMillis();
    Optional<Long> own = row.task().endedMillis();
    return end.isPresent() && own.isPresent() && !end.equals(own)
        ? end.get() < own.get()
        : other.id() < row.id();
  }

  /**
   * Whether an export that nobody follows any more, and whose end nobody saw, may have gone on. It
   * was over when one that was asked for after it had ended.
   */
  private static boolean mayStillRun(ExportRow other, List<ExportRow> earlier) {
    long after = other.ask().atMillis() + SLACK.toMillis();
    return other.state().isEnd()
        && other.task().endedMillis().isEmpty()
        && earlier.stream()
            .filter(each -> each.task().endedMillis().isPresent())
            .noneMatch(each -> each.ask().atMillis() > after);
  }

  /**
   * What a failed export left is only its own where no other can have written it.
   *
   * @param later exports whose folders are not known, and that may have written by then
   */
  private static Choice ofFailed(
      ExportRow row, List<ExportRow> later, List<AlphaFolder> free, long floor) {
    TreeSet<Long> own =
        times(
            free.stream()
                .filter(each -> each.newestMillis() >= floor)
                .filter(each -> each.newestMillis() <= end(row) + SECOND)
                .toList());
    if (own.isEmpty() || own.size() - 1 > later.size()) {
      return Choice.of(List.of());
    }
    Choice lowest = at(own.first(), free);
    boolean isSurely = lowest.folders().stream().anyMatch(each -> each.oldestMillis() < end(row));
    Optional<ExportRow> next = later.stream().filter(other -> !other.state().isEnd()).findFirst();
    if (isSurely || next.isEmpty()) {
      return lowest;
    }
    if (next.get().task().good().isEmpty()) {
      return Choice.WAIT;
    }
    int folders = times(between(free, floor, end(next.get()) + SLACK.toMillis())).size();
    return isGood(next.get()) && folders < 2 ? Choice.of(List.of()) : lowest;
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
    return Choice.of(free.stream().filter(each -> each.readTs() == readTs).toList());
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
