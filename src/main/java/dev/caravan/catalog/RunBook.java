package dev.caravan.catalog;

import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The account of one running run: counts, progress, items and log, kept in memory and written to
 * the catalog twice a second; listeners are told of what happens. May be used from many threads at
 * once.
 */
public final class RunBook {

  /** Log lines that are kept. */
  public static final int LOG_MAX = 100;

  /** Items of what went well that are kept; the counts go on. */
  private static final long DONE_ITEMS_MAX = 10_000;

  /** Items of what failed that are kept; the counts go on. */
  private static final long FAILED_ITEMS_MAX = 10_000;

  /** Items of what was left alone that are kept: the same files are, run after run. */
  private static final long SKIPPED_ITEMS_MAX = 200;

  private static final long FLUSH_MILLIS = 500;

  /** Three times a second, and once more at the end. */
  private static final long TELL_MILLIS = 334;

  private static final String UNIT = "files";
  private static final Logger LOG = LoggerFactory.getLogger("caravan.run");

  private final Catalog catalog;
  private final EventBus events;
  private final RunId id;
  private final Operation operation;
  private final Clock clock;
  private final long begunMillis;
  private final EnumMap<RunCount, Long> counts = new EnumMap<>(RunCount.class);
  private final Map<String, RunReport.RemoteReport> remotes = new LinkedHashMap<>();
  private final Deque<String> tail = new ArrayDeque<>();
  private final List<ItemRow> unwritten = new ArrayList<>();
  private long done;
  private long total;
  private long bytesDone;
  private long bytesTotal;
  private long bytes;
  private long doneItems;
  private long skippedItems;
  private long failedItems;
  private long nextItem;
  private long flushedMillis;
  private long toldMillis;
  private EventContent told = new EventContent.Progress(0, 0, UNIT, 0, 0);
  private volatile boolean cancelled;

  public RunBook(Catalog catalog, EventBus events, RunId id, Operation operation, Clock clock) {
    this.catalog = catalog;
    this.events = events;
    this.id = id;
    this.operation = operation;
    this.clock = clock;
    this.begunMillis = clock.millis();
    this.flushedMillis = begunMillis;
    for (RunCount count : RunCount.values()) {
      counts.put(count, 0L);
    }
  }

  public RunId id() {
    return id;
  }

  /** How long ago it began. */
  public Duration elapsed() {
    return Duration.ofMillis(clock.millis() - begunMillis);
  }

  /** Asks the run to end soon. */
  public void cancel() {
    cancelled = true;
  }

  public boolean isCancelled() {
    return cancelled;
  }

  public void info(String message) {
    LOG.info("{}", message);
    keep("info", message);
  }

  public void warn(String message) {
    LOG.warn("{}", message);
    keep("warn", message);
  }

  /** Adds a warning to a run that has ended: something that was told of the end went wrong. */
  public synchronized void warnAfterEnd(String message) {
    LOG.warn("{}", message);
    keep("warn", message);
    String report = json();
    catalog.submit(session -> catalog.runs().recordRemark(session, id, report));
  }

  public void error(String message) {
    LOG.error("{}", message);
    keep("error", message);
  }

  private synchronized void keep(String level, String message) {
    if (tail.size() == LOG_MAX) {
      tail.removeFirst();
    }
    tail.addLast("[" + level.toUpperCase(Locale.ROOT) + "] " + message);
    events.publish(id, new EventContent.Log(level, message));
    flushIfDue();
  }

  public synchronized void expect(long files, long fileBytes) {
    total += files;
    bytesTotal += fileBytes;
    flushIfDue();
  }

  /** Counts one file as dealt with, whatever became of it. */
  public synchronized void advance(long files) {
    done += files;
    flushIfDue();
  }

  public synchronized void count(RunCount what, long files) {
    counts.merge(what, files, Long::sum);
    flushIfDue();
  }

  public synchronized long count(RunCount what) {
    return counts.getOrDefault(what, 0L);
  }

  /** Counts bytes on their way; they may have to be sent again. */
  public synchronized void moving(long moved) {
    bytesDone += moved;
    flushIfDue();
  }

  /** Counts the bytes of an object that arrived. */
  public synchronized void moved(long moved) {
    bytes += moved;
  }

  public synchronized long moved() {
    return bytes;
  }

  public synchronized void remote(String name, String state, Optional<String> error) {
    remotes.put(name, new RunReport.RemoteReport(state, error.orElse(null)));
    flushIfDue();
  }

  public synchronized Map<String, RunReport.RemoteReport> remotes() {
    return new LinkedHashMap<>(remotes);
  }

  /** Records an item; {@code seq} of the row given is replaced. */
  public synchronized void item(ItemRow item) {
    if (isKept(item.state())) {
      unwritten.add(
          new ItemRow(
              ++nextItem,
              item.path(),
              item.remote(),
              item.action(),
              item.reason(),
              item.state(),
              item.sizeBytes(),
              item.message()));
    }
    flushIfDue();
  }

  /** Tells listeners what became of a file; call it once that is committed. */
  public void tell(StorePath path, EventContent.FileChange.Change change, String remote) {
    events.publish(id, new EventContent.FileChange(path, change, remote));
  }

  private boolean isKept(String state) {
    return switch (state) {
      case "done", "planned" -> doneItems++ < DONE_ITEMS_MAX;
      case "skipped" -> skippedItems++ < SKIPPED_ITEMS_MAX;
      default -> failedItems++ < FAILED_ITEMS_MAX;
    };
  }

  private void flushIfDue() {
    long now = clock.millis();
    if (Math.abs(now - toldMillis) >= TELL_MILLIS) {
      toldMillis = now;
      tellProgress();
    }
    if (unwritten.size() >= 500 || Math.abs(now - flushedMillis) >= FLUSH_MILLIS) {
      flushedMillis = now;
      List<ItemRow> items = List.copyOf(unwritten);
      unwritten.clear();
      String report = json();
      catalog.submit(
          session -> {
            catalog.items().insert(session, id, items);
            catalog.runs().recordReport(session, id, report);
          });
    }
  }

  private void tellProgress() {
    EventContent.Progress progress = progress();
    if (!progress.equals(told)) {
      told = progress;
      events.publish(id, progress);
    }
  }

  /** Not every run knows beforehand how much there is, and some bytes go twice. */
  private EventContent.Progress progress() {
    return new EventContent.Progress(
        done, Math.max(done, total), UNIT, bytesDone, Math.max(bytesDone, bytesTotal));
  }

  /** Ends the run in the catalog; returns once that is committed. */
  public synchronized void end(RunState state, Optional<String> error) {
    List<ItemRow> items = List.copyOf(unwritten);
    unwritten.clear();
    String report = json();
    long now = clock.millis();
    catalog.commit(
        session -> {
          catalog.items().insert(session, id, items);
          catalog.runs().recordEnd(session, id, state, error, report, now);
        });
    tellProgress();
    events.publish(id, new EventContent.Status(operation, state));
  }

  private String json() {
    Map<String, Long> named = new LinkedHashMap<>();
    counts.forEach((count, files) -> named.put(count.label(), files));
    return new RunReport(progress(), named, bytes, new LinkedHashMap<>(remotes), List.copyOf(tail))
        .json();
  }
}
