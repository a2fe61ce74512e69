package dev.caravan.sqlite;

import java.nio.file.Path;
import java.time.Duration;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** The ways in which Caravan opens SQLite files. */
public final class SqliteFile {

  private static final int CACHE_KIBIBYTES = 8_000;

  private SqliteFile() {}

  /**
   * For a file that records what must not be forgotten: a write-ahead log, forced to disk by each
   * commit; a transaction takes the writer's place when it begins.
   *
   * @param patience how long a writer waits for another
   */
  public static SQLiteDataSource durable(Path file, Duration patience)
      throws NativeLibraryException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout((int) patience.toMillis());
    config.setCacheSize(-CACHE_KIBIBYTES);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    // Else every INSERT is followed by a question that stays open and pins what a reader sees.
    config.setGetGeneratedKeys(false);
    return source(file, config);
  }

  /** For a file of somebody else's, as it is. */
  public static SQLiteDataSource plain(Path file) throws NativeLibraryException {
    return source(file, new SQLiteConfig());
  }

  private static SQLiteDataSource source(Path file, SQLiteConfig config)
      throws NativeLibraryException {
    NativeLibrary.load(file);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }
}
