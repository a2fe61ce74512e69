package dev.caravan.archive.queue;

import dev.caravan.catalog.sql.Connections;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlFailedException;
import dev.caravan.sqlite.SqliteFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.sqlite.SQLiteException;

/**
 * One SQLite file with the queues of archives, open. May be used from many threads at once, and by
 * other programs beside this one.
 */
public final class QueueFile implements AutoCloseable {

  /** Longer than any producer holds the file; who waits so long is told. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int TRIES = 5;

  /** The first two as SQLAlchemy writes them for the Python package, to the word. */
  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE IF NOT EXISTS supersync_v0 (
            id INTEGER NOT NULL,
            local_path VARCHAR NOT NULL,
            local_md5sum VARCHAR NOT NULL,
            archive_name VARCHAR NOT NULL,
            remote_path VARCHAR NOT NULL,
            timestamp FLOAT NOT NULL,
            remote_md5sum VARCHAR,
            copied FLOAT,
            removed FLOAT,
            failed_copy_attempts INTEGER,
            deletable BOOLEAN,
            "ignore" BOOLEAN,
            PRIMARY KEY (id)
          )""",
          """
          CREATE TABLE IF NOT EXISTS timecode_dirs_v0 (
            id INTEGER NOT NULL,
            timecode INTEGER NOT NULL,
            archive_name VARCHAR NOT NULL,
            completed BOOLEAN,
            synced BOOLEAN,
            finalized BOOLEAN,
            finalize_file_id INTEGER,
            PRIMARY KEY (id),
            FOREIGN KEY(finalize_file_id) REFERENCES supersync_v0 (id)
          )""",
          """
          CREATE TABLE IF NOT EXISTS caravan_file_v0 (
            file_id INTEGER PRIMARY KEY,
            archive_name TEXT NOT NULL,
            verified_at REAL,
            sha256 TEXT,
            size INTEGER,
            mtime_ns INTEGER,
            ctime_ns INTEGER,
            inode INTEGER,
            version INTEGER NOT NULL DEFAULT 1,
            removing INTEGER NOT NULL DEFAULT 0,
            dead_at REAL,
            reason TEXT
          )""",
          """
          CREATE TABLE IF NOT EXISTS caravan_attempt_v0 (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            file_id INTEGER NOT NULL,
            at REAL NOT NULL,
            message TEXT NOT NULL
          )""",
          """
          CREATE TABLE IF NOT EXISTS caravan_timecode_v0 (
            archive_name TEXT NOT NULL,
            timecode INTEGER NOT NULL,
            file_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            announced INTEGER NOT NULL,
            PRIMARY KEY (archive_name, timecode, file_id)
          )""",
          """
          CREATE TABLE IF NOT EXISTS caravan_folder_v0 (
            archive_name TEXT NOT NULL,
            folder TEXT NOT NULL,
            top TEXT NOT NULL,
            since REAL NOT NULL,
            PRIMARY KEY (archive_name, folder)
          )""",
          """
          CREATE TABLE IF NOT EXISTS caravan_blocked_v0 (
            archive_name TEXT NOT NULL,
            timecode INTEGER NOT NULL,
            at REAL NOT NULL,
            message TEXT NOT NULL,
            told INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (archive_name, timecode)
          )""");

  /**
   * Columns of {@code caravan_file_v0} that came later. {@code sha256_md5}: the content that {@code
   * sha256} is of, by its MD5. {@code place}: the plain form of a remote path that has another.
   * {@code kept_at}: when the local file was to go and stayed. {@code told_at}: when it was put on
   * record that people are to hear that it was given up.
   */
  private static final Map<String, String> LATER_COLUMNS =
      Map.of("sha256_md5", "TEXT", "place", "TEXT", "kept_at", "REAL", "told_at", "REAL");

  /** The sum in caravan_order_v0 keeps it from questions that caravan_held_v0 answers better. */
  private static final List<String> INDEXES =
      List.of(
          """
          CREATE INDEX IF NOT EXISTS caravan_waiting_v0
          ON supersync_v0 (archive_name, failed_copy_attempts, id)
          WHERE removed IS NULL AND (remote_md5sum IS NULL OR remote_md5sum <> local_md5sum)
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_held_v0 ON supersync_v0 (archive_name, timestamp, id)
          WHERE removed IS NULL AND remote_md5sum = local_md5sum
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_order_v0
          ON supersync_v0 (archive_name, timestamp + 0, id)
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_remote_v0
          ON supersync_v0 (archive_name, remote_path)
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_oldest_v0 ON supersync_v0 (archive_name, timestamp, id)
          WHERE removed IS NULL AND (remote_md5sum IS NULL OR remote_md5sum <> local_md5sum)
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_gone_v0 ON supersync_v0 (archive_name, timestamp, id)
          WHERE removed IS NOT NULL
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_ignored_v0
          ON supersync_v0 (archive_name) WHERE ignore <> 0
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_free_v0 ON supersync_v0 (archive_name, timestamp, id)
          WHERE removed IS NULL AND remote_md5sum = local_md5sum AND COALESCE(deletable, 1) <> 0
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_odd_v0 ON supersync_v0 (archive_name, id)
          WHERE instr('/' || remote_path, '//') > 0 OR instr('/' || remote_path, '/./') > 0
          """,
          "CREATE INDEX IF NOT EXISTS caravan_local_v0 ON supersync_v0 (local_path)",
          "CREATE INDEX IF NOT EXISTS caravan_attempts_v0 ON caravan_attempt_v0 (file_id)",
          """
          CREATE INDEX IF NOT EXISTS caravan_removing_v0
          ON caravan_file_v0 (archive_name) WHERE removing = 1
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_untold_v0
          ON caravan_file_v0 (archive_name) WHERE dead_at IS NOT NULL AND told_at IS NULL
          """,
          """
          CREATE INDEX IF NOT EXISTS caravan_place_v0
          ON caravan_file_v0 (archive_name, place) WHERE place IS NOT NULL
          """);

  private final Path file;
  private final Connections connections;

  private QueueFile(Path file, Connections connections) {
    this.file = file;
    this.connections = connections;
  }

  /**
   * Opens the file; makes it, and what is missing in it.
   *
   * @throws IOException when it cannot be used; the message names it and what to mend
   */
  public static QueueFile open(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    try {
      if (folder != null) {
        Files.createDirectories(folder);
      }
      QueueFile opened = new QueueFile(file, new Connections(SqliteFile.durable(file, PATIENCE)));
      opened.prepare();
      return opened;
    } catch (IOException | SQLException | SqlFailedException e) {
      throw new IOException(
          "The archive's database %s cannot be used (%s): see to archives[].db_path"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private void prepare() throws SQLException {
    try (Session session = connections.connect()) {
      Optional<Long> there =
          session
              .createQuery(
                  "SELECT count(*) FROM sqlite_master WHERE name LIKE 'caravan~_%' ESCAPE '~'")
              .mapToLong()
              .findOne();
      if (there.orElse(0L) >= TABLES.size() - 2 + INDEXES.size()) {
        return; // All of it: then nobody need wait for the file to be written to.
      }
    }
    write(
        session -> {
          TABLES.forEach(sql -> execute(session, sql));
          addColumns(session);
          return true;
        });
    // One at a time: over a million rows each takes seconds, in which no producer gets a turn.
    for (String sql : INDEXES) {
      write(
          session -> {
            execute(session, sql);
            return true;
          });
    }
  }

  private static void addColumns(Session session) {
    List<String> there =
        session
            .createQuery("SELECT name FROM pragma_table_info('caravan_file_v0')")
            .map(row -> row.getString(1))
            .list();
    LATER_COLUMNS.forEach(
        (name, type) -> {
          if (!there.contains(name)) {
            execute(session, "ALTER TABLE caravan_file_v0 ADD COLUMN " + name + " " + type);
          }
        });
    if (!there.contains("told_at")) {
      // Of those people heard when it happened.
      execute(session, "UPDATE caravan_file_v0 SET told_at = dead_at WHERE dead_at IS NOT NULL");
    }
  }

  private static void execute(Session session, String sql) {
    try (Statement statement = session.connection().createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new SqlFailedException(e);
    }
  }

  public Path file() {
    return file;
  }

  /** A session of the caller's own, to be closed before this file is. */
  Session openSession() {
    return connections.open();
  }

  /** Asks something. */
  public <T> T read(Function<Session, T> question) {
    return patiently(
        () -> {
          try (Session session = connections.open()) {
            return question.apply(session);
          }
        });
  }

  /** Changes something, all of it or nothing; returns once that has reached the disk. */
  public <T> T write(Function<Session, T> change) {
    return patiently(
        () -> {
          try (Session session = connections.open()) {
            session.begin();
            T answer = change.apply(session);
            session.commit();
            return answer;
          }
        });
  }

  private interface Work<T> {
    T run();
  }

  /** A program that holds the file for longer than it should is waited for a few times more. */
  private static <T> T patiently(Work<T> work) {
    for (int tries = 1; ; tries++) {
      try {
        return work.run();
      } catch (SqlFailedException e) {
        boolean busy =
            e.getCause() instanceof SQLiteException cause
                && (cause.getErrorCode() & 0xFF) == org.sqlite.SQLiteErrorCode.SQLITE_BUSY.code;
        if (!busy || tries == TRIES) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() {
    connections.close();
  }
}
