package dev.caravan.store.database;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.sqlite.SqliteFile;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreTree;
import dev.caravan.store.room.Pledges;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One committed state of a database that a program has open, as a file of its own.
 *
 * <p>The database and its log are copied, and the copies are put together by SQLite. They fit when
 * the database was not written to meanwhile and the log was not begun anew: then all that the
 * database had from the log is in the copy of the log, and a log may be cut off anywhere. The
 * database itself is only read, without a lock: its owner is neither slowed nor written to.
 */
public final class DatabaseSnapshot implements AutoCloseable {

  private static final String COPY = "database";
  private static final String FOLDER = "database-";
  private static final AtomicLong NUMBER = new AtomicLong();

  /** One is made at a time. */
  private static final ReentrantLock MAKING = new ReentrantLock(true);

  /** Those that somebody uses, by the folder that was asked for; touched while making only. */
  private static final Map<Path, DatabaseSnapshot> USED = new HashMap<>();

  /** For so long, whoever comes gets the one that is there, whatever was written since. */
  private static final long NEW_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final int LOG_HEADER_BYTES = 32;
  private static final int TRIES = 40;
  private static final long TRYING_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Stamps of files move on at the kernel's ticks only, at most 10 ms apart. */
  private static final long QUIET_NANOS = 20 * NANOS_PER_MILLI;

  private static final long PAUSE_NANOS = 7 * NANOS_PER_MILLI;

  /** What is left free of the disk that the copy is made on. */
  private static final long MARGIN_BYTES = 16 << 20;

  private final Path folder;
  private final FileStat source;
  private final FileVersion version;
  private final Optional<String> stamp;
  private final long madeNanos = System.nanoTime();
  private Optional<Path> key = Optional.empty();
  private int users;

  private DatabaseSnapshot(Path folder, Source source, FileVersion version) {
    this.folder = folder;
    this.source = source.database();
    this.stamp = source.stamp();
    this.version = version;
  }

  private record Source(FileStat database, Optional<String> stamp) {}

  /** Where one is made; found again by {@link #sweep} after a crash. */
  private static Path folderFor(StoreTree tree, StorePath path) {
    UUID name = UUID.nameUUIDFromBytes(path.value().getBytes(StandardCharsets.UTF_8));
    return tree.stateFolder().resolve(FOLDER + NUMBER.incrementAndGet() + "-" + name);
  }

  /** Removes what a crash left. To be called while none is made. */
  public static void sweep(StoreTree tree) throws IOException {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(tree.stateFolder(), FOLDER + "*-*-*-*-*-*")) {
      for (Path folder : left) {
        remove(folder);
      }
    } catch (NoSuchFileException e) {
      // Nothing was ever left.
    }
  }

  /**
   * Takes one, or a share of one that somebody else took a moment ago, or since when nothing was
   * committed: however many remotes a database is sent to at the same time, it is copied once.
   *
   * @param sums what will be asked for beside the SHA-256
   * @return to be closed; the snapshot is gone once all who have it closed it
   * @throws ContentChangedException when the database is written to too often to be copied
   * @throws IOException when it cannot be read, is no sound database, or there is no room
   */
  public static DatabaseSnapshot take(StoreTree tree, StorePath path, WantedSums sums, Clock clock)
      throws IOException {
    MAKING.lock();
    try {
      Path key = tree.pathOf(path);
      DatabaseSnapshot used = USED.get(key);
      if (used == null || !used.isCurrent(tree, path)) {
        used = make(tree, path, folderFor(tree, path), sums, clock);
        used.key = Optional.of(key);
        USED.put(key, used);
      }
      used.users++;
      return used;
    } finally {
      MAKING.unlock();
    }
  }

  private boolean isCurrent(StoreTree tree, StorePath path) throws IOException {
    return System.nanoTime() - madeNanos < NEW_NANOS
        || stamp.equals(Optional.of(new Databases(tree).stampOf(path)));
  }

  private static DatabaseSnapshot make(
      StoreTree tree, StorePath path, Path folder, WantedSums sums, Clock clock)
      throws IOException {
    remove(folder);
    Files.createDirectories(folder);
    long begun = System.nanoTime();
    try {
      for (int tries = TRIES; ; tries--) {
        try {
          try (Pledges.Pledge room = takeRoom(tree, path, folder)) {
            Source source = copy(tree, path, folder, clock);
            join(path, folder.resolve(COPY));
            return new DatabaseSnapshot(folder, source, read(folder, sums, clock));
          }
        } catch (ContentChangedException | NoSuchFileException e) {
          if (tries == 1 || System.nanoTime() - begun > TRYING_NANOS) {
            throw e;
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    } catch (IOException | RuntimeException e) {
      remove(folder);
      throw e;
    }
  }

  private static Source copy(StoreTree tree, StorePath path, Path folder, Clock clock)
      throws IOException {
    StorePath log = Databases.beside(path, Databases.WAL);
    FileStat before = stat(tree, path);
    FileStat logBefore = stat(tree, log);
    byte[] header = Databases.head(tree, log, LOG_HEADER_BYTES);
    if (isFresh(before, clock)) {
      throw changing(path);
    }
    // What is written within a tick of the kernel's clock shows in no stamp.
    Optional<String> stamp =
        isFresh(logBefore, clock)
            ? Optional.empty()
            : Optional.of(Databases.stamp(Optional.of(before), Optional.of(logBefore)));
    copy(tree, log, folder.resolve(COPY + Databases.WAL));
    copy(tree, path, folder.resolve(COPY));
    boolean same =
        stat(tree, path).isSameVersionAs(before)
            && Arrays.equals(Databases.head(tree, log, LOG_HEADER_BYTES), header);
    if (!same) {
      throw changing(path);
    }
    long modifiedNs = Math.max(before.modifiedNs(), logBefore.modifiedNs());
    Files.setLastModifiedTime(
        folder.resolve(COPY), FileTime.from(modifiedNs, TimeUnit.NANOSECONDS));
    return new Source(before, stamp);
  }

  private static boolean isFresh(FileStat stat, Clock clock) {
    long now = clock.millis() * NANOS_PER_MILLI;
    return now >= stat.changedNs() && now - stat.changedNs() < QUIET_NANOS;
  }

  private static FileStat stat(StoreTree tree, StorePath path) throws IOException {
    return tree.stat(path)
        .filter(stat -> stat.kind() == FileStat.Kind.FILE)
        .orElseThrow(() -> changing(path));
  }

  private static ContentChangedException changing(StorePath path) {
    return new ContentChangedException(path + " is a database that was written to at this moment");
  }

  /** Takes room for the copies, and for what the log adds to that of the database. */
  private static Pledges.Pledge takeRoom(StoreTree tree, StorePath path, Path folder)
      throws IOException {
    long bytes =
        stat(tree, path).sizeBytes()
            + stat(tree, Databases.beside(path, Databases.WAL)).sizeBytes();
    boolean same = deviceOf(folder).equals(deviceOf(tree.root()));
    Pledges.Free free =
        same ? () -> tree.space().freeBytes() : () -> Files.getFileStore(folder).getUsableSpace();
    // On another disk nobody else takes room of what is free.
    Pledges pledges = same ? tree.pledges() : new Pledges();
    Optional<Pledges.Pledge> room = pledges.take(2 * bytes, MARGIN_BYTES, free);
    return room.orElseThrow(
        () ->
            new IOException(
                "A snapshot of a database of %d bytes does not fit on the disk of %s"
                    .formatted(bytes, folder)));
  }

  private static Object deviceOf(Path path) throws IOException {
    return Files.getAttribute(path, "unix:dev");
  }

  private static void copy(StoreTree tree, StorePath path, Path to) throws IOException {
    try (FileChannel in = tree.open(path);
        FileChannel out =
            FileChannel.open(
                to,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      long size = in.size();
      long done = 0;
      while (done < size) {
        long moved = in.transferTo(done, size - done, out);
        if (moved <= 0) {
          throw changing(path);
        }
        done += moved;
      }
    }
  }

  /** Has SQLite bring what is in the log into the copy, and look whether that is sound. */
  private static void join(StorePath path, Path copy) throws IOException {
    FileTime modified = Files.getLastModifiedTime(copy);
    try (Connection connection = SqliteFile.plain(copy).getConnection();
        Statement statement = connection.createStatement()) {
      ask(statement, "PRAGMA wal_checkpoint(TRUNCATE)");
      String found = ask(statement, "PRAGMA quick_check(1)");
      if (!found.equals("ok")) {
        throw new IOException("%s is a damaged database: %s".formatted(path, found));
      }
    } catch (SQLException e) {
      throw new IOException(
          "%s cannot be read as a database: %s".formatted(path, e.getMessage()), e);
    }
    Files.setLastModifiedTime(copy, modified);
  }

  private static String ask(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }

  private static FileVersion read(Path folder, WantedSums sums, Clock clock) throws IOException {
    StoreTree scratch = new StoreTree(folder, folder.resolve(".caravan"), clock);
    return FileVersion.read(scratch, stat(scratch, StorePath.of(COPY)), sums);
  }

  /** The state, to be sent. */
  public FileVersion version() {
    return version;
  }

  /** How the database itself looked at that moment. */
  public FileStat source() {
    return source;
  }

  /**
   * What {@link Databases#stampOf} gave at that moment; empty when the log was written to just
   * before, so that nothing can be told by it.
   */
  public Optional<String> stamp() {
    return stamp;
  }

  @Override
  public void close() throws IOException {
    MAKING.lock();
    try {
      if (--users == 0) {
        key.ifPresent(path -> USED.remove(path, this));
        remove(folder);
      }
    } finally {
      MAKING.unlock();
    }
  }

  private static void remove(Path folder) throws IOException {
    for (String suffix : new String[] {"", Databases.WAL, "-shm", "-journal"}) {
      Files.deleteIfExists(folder.resolve(COPY + suffix));
    }
    Files.deleteIfExists(folder);
  }
}
