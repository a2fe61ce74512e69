package dev.caravan.archive;

import dev.caravan.archive.ArchiveHost.Hold;
import dev.caravan.archive.carry.Carrier;
import dev.caravan.archive.queue.AlertTable;
import dev.caravan.archive.queue.ChangeWatch;
import dev.caravan.archive.queue.QueueChanges;
import dev.caravan.archive.queue.QueueFile;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.archive.queue.QueueTable;
import dev.caravan.archive.queue.TimecodeTable;
import dev.caravan.catalog.RunBook;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.event.RunId;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One archive of this process: when it looks at its queue, and how it fares. */
final class Archive implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
  private static final Duration SHORTEST_WORRY = Duration.ofMinutes(2);
  private static final int COPIES_SHOWN = 100;
  private static final int UNPLACED_AT_ONCE = 1_000;

  /** Why a file is not copied onto itself. */
  static final String ITSELF =
      "The destination is the local file itself; choose another remote_basedir";

  /** What it does at this moment, as SupRsync calls it. */
  enum Activity {
    IDLE,
    COPYING,
    DELETING;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final ArchiveSettings settings;
  private final ArchiveWorld world;
  private final QueueFile file;
  private final QueueTable queue;
  private final Announcer announcer;
  private final ArchiveAlerts alerts;
  private final EmptyFolders folders;
  private final Carrier carrier;
  private final Deque<List<Object>> lastCopies = new ArrayDeque<>();
  private Instant nextAt = Instant.MIN;
  private int hostFailures;
  private int batchSize;
  private boolean busy;
  private long begunNanos;
  private boolean stopping;
  private Optional<RunBook> run = Optional.empty();
  private boolean cancelled;
  private Optional<Instant> failingSince = Optional.empty();
  private Activity activity = Activity.IDLE;
  private Optional<String> error = Optional.empty();
  private Optional<Instant> copyBegan = Optional.empty();
  private Optional<Instant> copyEnded = Optional.empty();

  Archive(ArchiveSettings settings, ArchiveWorld world, QueueFile file) {
    this.settings = settings;
    this.world = world;
    this.file = file;
    this.queue = new QueueTable(file, settings.name());
    this.carrier = world.host().carriers().apply(settings);
    AlertTable noted = new AlertTable(file, settings.name());
    this.announcer =
        new Announcer(this, new TimecodeTable(file, settings.name()), noted, new ChangeWatch(file));
    this.alerts = new ArchiveAlerts(this, noted, world.host().alerts());
    this.folders = new EmptyFolders(file, settings.name(), settings.removeEmptyDirsAfter());
    this.batchSize = settings.filesPerBatch();
    world.meters().prepare(settings.name());
  }

  String name() {
    return settings.name();
  }

  ArchiveSettings settings() {
    return settings;
  }

  ArchiveWorld world() {
    return world;
  }

  QueueFile file() {
    return file;
  }

  QueueTable queue() {
    return queue;
  }

  Announcer announcer() {
    return announcer;
  }

  ArchiveAlerts alerts() {
    return alerts;
  }

  EmptyFolders folders() {
    return folders;
  }

  Carrier carrier() {
    return carrier;
  }

  /** True when it is time to look at the queue, and nobody does. */
  synchronized boolean isDue() {
    return !busy && !stopping && !world.clock().instant().isBefore(nextAt) && !isHeld();
  }

  /** True while a person lets nothing new begin: here, or anywhere. */
  boolean isHeld() {
    return hold() != Hold.NONE;
  }

  private Hold hold() {
    return world.host().holds().apply(settings.remote());
  }

  /** True while a round is under way. */
  synchronized boolean isBusy() {
    return busy;
  }

  /** Takes the turn; false when somebody has it, or had it just now, or it is over. */
  synchronized boolean begin() {
    if (!isDue()) {
      return false;
    }
    busy = true;
    cancelled = false;
    begunNanos = System.nanoTime();
    world.meters().count(name(), ArchiveMeters.Event.ROUND, 1);
    return true;
  }

  /** Gives the turn back; the next look is due when the pause is over. */
  synchronized void end() {
    busy = false;
    world.meters().round(name(), Duration.ofNanos(System.nanoTime() - begunNanos));
    activity = Activity.IDLE;
    Duration pause = settings.sleepTime();
    if (hostFailures > 0) {
      Duration first = pause.compareTo(FIRST_WAIT) > 0 ? FIRST_WAIT : pause;
      Duration wait = first.multipliedBy(1L << Math.min(hostFailures - 1, 20));
      pause = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }
    if (isHeld() && hostFailures == 0) {
      pause = SHORTEST_PAUSE; // What the hold left undone is due when the hold is over.
    }
    nextAt =
        world.clock().instant().plus(pause.compareTo(SHORTEST_PAUSE) > 0 ? pause : SHORTEST_PAUSE);
  }

  /** Makes the next look due at once. */
  synchronized void wake() {
    nextAt = Instant.MIN;
  }

  /** How many files are copied together; fewer while copies take too long. */
  synchronized int batchSize() {
    return batchSize;
  }

  synchronized void batchSize(int files) {
    batchSize = Math.max(1, Math.min(settings.filesPerBatch(), files));
  }

  /** The destination, or the database, as a whole cannot be used. */
  synchronized void broken(String why) {
    hostFailures++;
    failingSince = failingSince.or(() -> Optional.of(world.clock().instant()));
    error = Optional.of(why);
    LOG.warn("Archive '{}': {}", name(), why);
  }

  synchronized void works() {
    hostFailures = 0;
    failingSince = Optional.empty();
    error = Optional.empty();
  }

  synchronized int hostFailures() {
    return hostFailures;
  }

  synchronized Optional<String> error() {
    return error;
  }

  /** Why people should look at it: it has not worked for longer than a few rounds take. */
  synchronized Optional<String> worry() {
    if (isHeld()) {
      return Optional.empty(); // A person knows.
    }
    Duration rounds = settings.sleepTime().multipliedBy(2);
    Duration patience = rounds.compareTo(SHORTEST_WORRY) > 0 ? rounds : SHORTEST_WORRY;
    Instant since = world.clock().instant().minus(patience);
    return failingSince
        .filter(began -> began.isBefore(since))
        .map(began -> "archive '%s' has failed for long".formatted(name()));
  }

  /** The run that is on record at this moment, so that it can be cancelled. */
  synchronized void running(Optional<RunBook> now) {
    run = now;
  }

  /** Ends the round that this run is of; false when the run is none of this archive's. */
  synchronized boolean cancel(RunId id) {
    if (run.filter(book -> book.id().equals(id)).isEmpty()) {
      return false;
    }
    run.get().cancel();
    cancelled = true;
    return true;
  }

  /** Ends the round that is under way, if any. */
  synchronized void cancel() {
    run.ifPresent(RunBook::cancel);
    cancelled = busy;
  }

  synchronized void activity(Activity now) {
    if (now == Activity.COPYING) {
      lastCopies.clear();
      copyBegan = Optional.of(world.clock().instant());
      copyEnded = Optional.empty();
    } else if (activity == Activity.COPYING) {
      copyEnded = Optional.of(world.clock().instant());
    }
    activity = now;
  }

  synchronized Activity activity() {
    return activity;
  }

  synchronized void copied(QueueRow row, String local, boolean good) {
    if (lastCopies.size() == COPIES_SHOWN) {
      lastCopies.removeFirst();
    }
    lastCopies.addLast(List.of(local, good));
    if (good) {
      announcer.touch(row.remotePath());
    }
  }

  /** The last batch, in the shape in which SupRsync shows it; empty before the first. */
  synchronized Optional<Map<String, Object>> lastCopy() {
    return copyBegan.map(
        began -> {
          Map<String, Object> copy = new LinkedHashMap<>();
          copy.put("start_time", began.toEpochMilli() / 1000.0);
          copy.put("files", new ArrayList<>(lastCopies));
          copyEnded.ifPresent(ended -> copy.put("stop_time", ended.toEpochMilli() / 1000.0));
          error.ifPresent(why -> copy.put("error", why));
          return copy;
        });
  }

  void count(ArchiveMeters.Event event, long times) {
    world.meters().count(name(), event, times);
  }

  void givenUp(QueueRow row, String why) {
    LOG.error("Archive '{}': {} was given up: {}", name(), shown(row.remotePath()), why);
  }

  /** Lets nothing more begin, and ends what is under way. */
  synchronized void stop() {
    stopping = true;
  }

  /** True when what is under way has to end: the archive, or this round of it. */
  synchronized boolean isStopping() {
    return stopping || cancelled || hold() == Hold.STOPPED;
  }

  @Override
  public void close() {
    stop();
    announcer.close();
    file.close();
  }

  static QueueRow.Seen seen(FileStat stat) {
    return new QueueRow.Seen(stat.sizeBytes(), stat.modifiedNs(), stat.changedNs(), stat.inode());
  }

  /** A name for a message: one line, whatever is in it. */
  static String shown(String name) {
    return "'" + name.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?") + "'";
  }

  /** True when what lies at the destination is the local file, under whatever name. */
  boolean isSource(Carrier.Parcel parcel) throws IOException {
    Optional<Path> there = carrier.fileOf(parcel);
    try {
      return there.isPresent() && Files.isSameFile(parcel.local(), there.get());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Ends deletions that a dead process had begun, and notes what other programs copied. */
  void recover() throws IOException {
    List<QueueRow> unplaced = queue.listUnplaced(0, UNPLACED_AT_ONCE);
    while (!unplaced.isEmpty()) {
      List<QueueRow> some = unplaced;
      file.write(
          session -> {
            some.forEach(row -> QueueChanges.recordPlace(session, row));
            return true;
          });
      unplaced = queue.listUnplaced(some.get(some.size() - 1).id(), UNPLACED_AT_ONCE);
    }
    for (QueueRow row : queue.listRemoving()) {
      Recovery.end(this, row);
    }
  }
}
