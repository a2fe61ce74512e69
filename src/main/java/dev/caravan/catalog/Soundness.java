package dev.caravan.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether the catalog's file is whole. It is read from end to end when it is opened, unless the
 * process before closed it well less than a day after such a check and nobody has touched it since:
 * size, times and inode are those that it had then.
 */
final class Soundness {

  /** Up to this size the whole file is checked. */
  private static final long CHECKED_MAX_BYTES = 64L << 20;

  /** What a disk loses by itself is found within this time. */
  private static final Duration GOOD_FOR = Duration.ofDays(1);

  /** Beside the catalog: damage was met while working, so it is checked whatever its size. */
  private static final String SUSPECT = ".suspect";

  /** Beside the catalog, while it is closed: what it looked like, and when it was checked. */
  private static final String CHECKED = ".checked";

  private final Path file;
  private final boolean needed;
  private final long checkedAtMillis;

  /** To be asked before the file is opened, for that already changes it. */
  Soundness(Path file, Clock clock) {
    this.file = file;
    long now = clock.millis();
    Optional<Long> last = isTouched() ? Optional.empty() : lastCheck(now);
    boolean suspected = Files.exists(beside(SUSPECT));
    this.needed = suspected || (last.isEmpty() && size() <= CHECKED_MAX_BYTES);
    this.checkedAtMillis = needed ? now : last.orElse(0L);
  }

  boolean isNeeded() {
    return needed;
  }

  /**
   * Checks the file where that is needed. From then on nobody vouches for it, until {@link #close}.
   *
   * @throws CatalogException when it is damaged
   */
  void check(Connection connection) throws SQLException {
    deleteQuietly(beside(CHECKED));
    if (!needed) {
      return;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
      String verdict = row.next() ? row.getString(1) : "no answer";
      if (!verdict.equals("ok")) {
        throw new CatalogException(
            CatalogException.Fault.CORRUPT, "it is damaged: " + verdict, null);
      }
    }
    deleteQuietly(beside(SUSPECT));
  }

  /** Vouches for the file, once its last connection is closed; not where another has it open. */
  void close() {
    if (checkedAtMillis == 0 || isTouched()) {
      return;
    }
    try {
      Files.writeString(beside(CHECKED), checkedAtMillis + " " + looks());
    } catch (IOException e) {
      // Then the next start checks it.
    }
  }

  /** Remembers, where a fault speaks of damage, that the next start has to check the whole file. */
  void noteFault(Throwable fault) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (isDamage(String.valueOf(each.getMessage()))) {
        try {
          Files.write(beside(SUSPECT), new byte[0]);
        } catch (IOException e) {
          // A folder that takes no file is a fault of its own, and it is told.
        }
        return;
      }
    }
  }

  static boolean isDamage(String message) {
    return message.contains("SQLITE_CORRUPT") || message.contains("SQLITE_NOTADB");
  }

  /** Forgets what was thought of a file that is there no more. */
  static void forget(Path file) throws IOException {
    Files.deleteIfExists(beside(file, SUSPECT));
    Files.deleteIfExists(beside(file, CHECKED));
  }

  /** True where a process has it open, or did not close it. */
  private boolean isTouched() {
    return Files.exists(beside("-wal"));
  }

  private Optional<Long> lastCheck(long nowMillis) {
    try {
      String[] words = Files.readString(beside(CHECKED)).split(" ", 2);
      long at = Long.parseLong(words[0]);
      boolean fresh = at <= nowMillis && nowMillis - at < GOOD_FOR.toMillis();
      return fresh && words.length == 2 && words[1].equals(looks())
          ? Optional.of(at)
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private String looks() throws IOException {
    try {
      return String.valueOf(
          Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,ino").entrySet().stream()
              .map(each -> each.getKey() + "=" + each.getValue())
              .sorted()
              .toList());
    } catch (UnsupportedOperationException e) {
      throw new IOException(e);
    }
  }

  private long size() {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private Path beside(String suffix) {
    return beside(file, suffix);
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // A suspicion that stays costs one more check; looks that stay fit no changed file.
    }
  }
}
