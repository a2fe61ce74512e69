package dev.caravan.archive;

import dev.caravan.archive.queue.QueueFile;
import dev.caravan.catalog.RunRow;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All archives of this process. */
public final class Archives implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");

  private final ArchiveWorld world;
  private final Map<String, Archive> archives = new LinkedHashMap<>();
  private final Map<String, ArchiveDesk> desks = new LinkedHashMap<>();
  private final Map<String, WatchedFolder> folders = new LinkedHashMap<>();

  /**
   * @throws IOException when a database cannot be used
   */
  public Archives(List<ArchiveSettings> settings, ArchiveWorld world) throws IOException {
    this.world = world;
    try {
      for (ArchiveSettings each : settings) {
        QueueFile file = QueueFile.open(each.dbPath());
        ArchiveDesk desk = ArchiveDesk.open(each, world.clock());
        desks.put(each.name(), desk);
        folders.put(each.name(), new WatchedFolder(each, desk, world.clock()));
        archives.put(each.name(), new Archive(each, world, file));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Ends what a dead process left, and looks at what can be looked at. */
  public void enrol() {
    for (Archive each : archives.values()) {
      LOG.info("archive  {} -> {}", each.name(), each.carrier().place());
      try {
        each.recover();
        each.alerts().tell();
        each.carrier().probe();
      } catch (IOException | dev.caravan.remote.RemoteException e) {
        each.broken(String.valueOf(e.getMessage()));
      }
    }
  }

  public List<String> names() {
    return List.copyOf(archives.keySet());
  }

  List<String> due() {
    List<String> due = new ArrayList<>();
    archives.values().stream().filter(Archive::isDue).forEach(each -> due.add(each.name()));
    return due;
  }

  /** Begins a round; empty when there is no such archive, or one is under way. */
  Optional<ArchiveRound> begin(String name, Trigger trigger) {
    return Optional.ofNullable(archives.get(name))
        .filter(Archive::begin)
        .map(archive -> new ArchiveRound(archive, trigger));
  }

  /** Registers what lies in the archive's watched folder, where it has one. */
  void gather(ArchiveRound round) {
    Objects.requireNonNull(folders.get(round.archive().name())).gather();
  }

  void end(ArchiveRound round) {
    try {
      round.endRun();
      if (!round.isBroken()) {
        round.archive().works();
      }
      round.archive().alerts().tell();
    } finally {
      round.archive().end();
    }
  }

  /** Asks the round that this run is of to end; false when no archive is at it. */
  public boolean cancel(RunId id) {
    return archives.values().stream().anyMatch(each -> each.cancel(id));
  }

  /** Asks every round that is under way to end. */
  public void cancelAll() {
    archives.values().forEach(Archive::cancel);
  }

  /** True while a round is under way, of the archives of this remote or of any. */
  public boolean isBusy(Optional<String> remote) {
    return archives.values().stream()
        .filter(each -> remote.isEmpty() || remote.equals(each.settings().remote()))
        .anyMatch(Archive::isBusy);
  }

  /** Which archives have not worked for long. */
  public List<String> worries() {
    return archives.values().stream().flatMap(each -> each.worry().stream()).toList();
  }

  Optional<RunRow> findRun(RunId id) {
    return world.catalog().runs().find(id);
  }

  /** What operators do with an archive; closed with the archives, not by whoever asks. */
  public Optional<ArchiveDesk> desk(String name) {
    return Optional.ofNullable(desks.get(name));
  }

  /** {@code GET /api/archives/{name}}: how it stands, and what it does. */
  public Map<String, @Nullable Object> view(String name) {
    Archive archive = Objects.requireNonNull(archives.get(name));
    Map<String, @Nullable Object> view = Objects.requireNonNull(desks.get(name)).views().archive();
    Map<String, Object> counters = new LinkedHashMap<>();
    ArchiveMeters meters = world.meters();
    counters.put("iterations", meters.counted(name, ArchiveMeters.Event.ROUND));
    counters.put("copies", meters.counted(name, ArchiveMeters.Event.COPIED));
    counters.put("errors_timeout", meters.counted(name, ArchiveMeters.Event.TIMED_OUT));
    counters.put("errors_nonzero", meters.counted(name, ArchiveMeters.Event.HOST_DOWN));
    counters.put("errors_sqlite", meters.counted(name, ArchiveMeters.Event.DATABASE_FAILED));
    view.put("counters", counters);
    view.put("activity", archive.activity().label());
    view.put("held", archive.isHeld());
    view.put("last_copy", archive.lastCopy().orElse(null));
    view.put("host_failures", archive.hostFailures());
    view.put("error", archive.error().orElse(null));
    view.put("watch_error", Objects.requireNonNull(folders.get(name)).fault().orElse(null));
    view.put("blocked_timecodes", archive.announcer().blocked());
    return view;
  }

  /** Has an archive look at its queue at once. */
  public void wake(String name) {
    find(name).ifPresent(Archive::wake);
  }

  Optional<Archive> find(String name) {
    return Optional.ofNullable(archives.get(name));
  }

  List<Archive> all() {
    return List.copyOf(archives.values());
  }

  /** Lets nothing more begin, and ends what is under way. */
  public void stop() {
    archives.values().forEach(Archive::stop);
  }

  @Override
  public void close() {
    archives.values().forEach(Archive::close);
    desks.values().forEach(ArchiveDesk::close);
  }
}
