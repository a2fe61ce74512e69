package dev.caravan.archive;

import dev.caravan.archive.carry.Carrier;
import dev.caravan.archive.carry.TreeCarrier;
import dev.caravan.archive.queue.QueueFile;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.archive.queue.QueueTable;
import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.ArchiveSettings.DeleteClock;
import dev.caravan.config.ArchiveSettings.FinalizeIncomplete;
import dev.caravan.event.EventBus;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import dev.caravan.remote.rsync.LinkFolder;
import dev.caravan.sync.TestClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Archives with a settable clock and a destination that is a folder; rounds are gone through as the
 * routes do it, and rows are written and read by plain SQL, as other programs do.
 */
final class ArchiveLab implements AutoCloseable {

  final Path folder;
  final Path queue;
  final TestClock clock = new TestClock(Clock.systemUTC().instant());
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Map<String, FolderCarrier> carriers = new LinkedHashMap<>();

  /** Destinations that are no folders of this lab. */
  final Map<String, Carrier> others = new LinkedHashMap<>();

  /** What people were told of, and whether the way to them is cut. */
  final List<Map<String, Object>> alerts = new ArrayList<>();

  boolean alertsFail;
  ArchiveHost.Hold hold = ArchiveHost.Hold.NONE;

  private final Catalog catalog;
  private final ArchiveWorld world;
  private final Map<String, Archive> archives = new LinkedHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private Optional<Duration> deleteAfter = Optional.empty();
  private DeleteClock deleteClock = DeleteClock.COPIED;
  private FinalizeIncomplete incomplete = FinalizeIncomplete.WAIT;
  private Optional<Duration> emptyDirs = Optional.empty();
  private Optional<Path> watched = Optional.empty();
  private int batch = 1_000;
  private String chmod = "g+rwX,o+rX";
  private Optional<Duration> copyTimeout = Optional.empty();
  private Optional<String> bwlimit = Optional.empty();

  ArchiveLab(Path folder) throws Exception {
    this.folder = folder;
    this.queue = folder.resolve("queue.db");
    Path state = Files.createDirectories(folder.resolve("state"));
    this.catalog = Catalog.open(state);
    this.world =
        new ArchiveWorld(
            catalog,
            new EventBus(clock),
            new ArchiveMeters(meters),
            new ArchiveHost(
                settings -> others.getOrDefault(settings.name(), carrier(settings.name())),
                remote -> hold,
                this::raise),
            () -> new RunId("run-" + ids.incrementAndGet()),
            clock);
  }

  private void raise(Map<String, Object> alert) {
    if (alertsFail) {
      throw new IllegalStateException("killed before it was on record");
    }
    alerts.add(alert);
  }

  ArchiveLab deleteAfter(Duration age, DeleteClock since) {
    deleteAfter = Optional.of(age);
    deleteClock = since;
    return this;
  }

  ArchiveLab incomplete(FinalizeIncomplete how) {
    incomplete = how;
    return this;
  }

  ArchiveLab removeEmptyDirsAfter(Duration age) {
    emptyDirs = Optional.of(age);
    return this;
  }

  ArchiveLab watch(Path root) {
    watched = Optional.of(root);
    return this;
  }

  ArchiveLab batch(int files) {
    batch = files;
    return this;
  }

  /** The real rsync, to a folder of this machine; set up before its archive is used. */
  ArchiveLab rsync(String archive, String modes) throws IOException {
    chmod = modes;
    Files.createDirectories(folder.resolve("at-" + archive));
    LinkFolder links = new LinkFolder(folder.resolve("links"));
    others.put(archive, new TreeCarrier(settings(archive), links));
    return this;
  }

  ArchiveLab slow(String limit, Duration timeout) {
    bwlimit = Optional.of(limit);
    copyTimeout = Optional.of(timeout);
    return this;
  }

  FolderCarrier carrier(String archive) {
    return carriers.computeIfAbsent(
        archive, name -> new FolderCarrier(folder.resolve("at-" + name)));
  }

  ArchiveSettings settings(String name) {
    return new ArchiveSettings(
        name,
        folder.resolve("at-" + name).toString(),
        queue,
        Optional.empty(),
        22,
        Optional.empty(),
        folder.resolve("known_hosts"),
        Optional.empty(),
        deleteAfter,
        deleteClock,
        5,
        copyTimeout,
        Duration.ofMinutes(1),
        batch,
        Duration.ofSeconds(60),
        false,
        bwlimit,
        chmod,
        Optional.of(folder.resolve("finalized")),
        "inst",
        incomplete,
        emptyDirs,
        watched,
        Duration.ofSeconds(60));
  }

  Archive archive(String name) {
    return archives.computeIfAbsent(
        name,
        each -> {
          try {
            return new Archive(settings(each), world, QueueFile.open(queue));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** The same archives in the way of a daemon; the caller closes them. */
  Archives archives(String... names) throws IOException {
    return new Archives(Stream.of(names).map(this::settings).toList(), world);
  }

  ArchiveDesk desk(String name) throws IOException {
    return ArchiveDesk.open(settings(name), clock);
  }

  /** As when the process died: what is in memory is gone. */
  void restart() throws IOException {
    archives.values().forEach(each -> each.file().close());
    archives.clear();
  }

  /** One round, in the way of the routes. */
  void round(String name) throws Exception {
    Archive archive = archive(name);
    ArchiveRound round = new ArchiveRound(archive, Trigger.MANUAL);
    archive.begin();
    while (round.hasNext()) {
      CopyBatch next = round.next();
      try {
        round.carry(next);
      } catch (Exception e) {
        round.fail(e);
      }
      round.endRun();
    }
    try {
      round.reclaim();
    } catch (Exception e) {
      round.fail(e);
    }
    round.endRun();
    round.announce();
    if (!round.isBroken()) {
      archive.works();
    }
    archive.alerts().tell();
    archive.end();
  }

  /** Rounds with a second between them. */
  void rounds(String name, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      round(name);
      clock.advance(Duration.ofSeconds(1));
    }
  }

  void at(double seconds) {
    clock.set(Instant.ofEpochMilli(Math.round(seconds * 1000)));
  }

  double now() {
    return clock.millis() / 1000.0;
  }

  /** Writes a local file that has been quiet for a while. */
  Path write(String name, String content) throws IOException {
    Path file = folder.resolve("data").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return file;
  }

  /** A file, and its row as the Python package writes it. */
  long register(String archive, String remotePath) throws Exception {
    Path file = write(archive + "/" + remotePath, archive + " " + remotePath);
    return register(archive, file, md5(file), remotePath, true);
  }

  long register(String archive, Path local, String md5, String remotePath, boolean deletable)
      throws Exception {
    archive(archive);
    sql(
        "INSERT INTO supersync_v0 (local_path, local_md5sum, archive_name, remote_path, timestamp,"
            + " failed_copy_attempts, deletable, ignore) VALUES (%s, '%s', '%s', %s, %s, 0, %d, 0)"
                .formatted(
                    quoted(local.toString()),
                    md5,
                    archive,
                    quoted(remotePath),
                    Double.toString(now()),
                    deletable ? 1 : 0));
    return number("SELECT max(id) FROM supersync_v0");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  QueueRow row(long id) {
    for (Archive archive : archives.values()) {
      Optional<QueueRow> found = new QueueTable(archive.file(), archive.name()).find(id);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new AssertionError("no row " + id);
  }

  String state(long id) {
    return row(id).state(5).label();
  }

  Path at(String archive, String remotePath) {
    return carrier(archive).folder.resolve(remotePath);
  }

  /** Names of the files that announce directories, as they lie on this side. */
  List<String> announced() throws IOException {
    Path root = folder.resolve("finalized");
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  String announcement(String name) throws IOException {
    return Files.readString(folder.resolve("finalized").resolve(name));
  }

  /** Newest first. */
  List<RunRow> runs() {
    return catalog.runs().list(Optional.of(Operation.ARCHIVE), Optional.empty(), 1_000);
  }

  /** Another connection, such as another program has. */
  void sql(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + queue);
        Statement made = connection.createStatement()) {
      made.executeUpdate(statement);
    }
  }

  long number(String question) throws SQLException {
    return Long.parseLong(texts(question).get(0));
  }

  List<String> texts(String question) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + queue);
        Statement made = connection.createStatement();
        ResultSet rows = made.executeQuery(question)) {
      while (rows.next()) {
        found.add(String.valueOf(rows.getString(1)));
      }
    }
    return found;
  }

  static String md5(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    restart();
    catalog.close();
  }
}
