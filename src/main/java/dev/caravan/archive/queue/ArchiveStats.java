package dev.caravan.archive.queue;

import dev.caravan.catalog.sql.Session;
import dev.caravan.event.PathNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How an archive stands, under the names of SupRsync.
 *
 * @param waitsSince when the first file was registered that is not copied, in seconds since 1970;
 *     empty when all are
 * @param numFiles ever registered
 * @param uncopiedFiles whose copy is not verified
 * @param lastFileAdded the local path of the newest
 * @param lastFileCopied the local path of the newest that is copied
 * @param states how many files stand where
 * @param asOf when that was asked, in seconds since 1970
 */
public record ArchiveStats(
    Optional<Double> waitsSince,
    long numFiles,
    long uncopiedFiles,
    Optional<String> lastFileAdded,
    Optional<String> lastFileCopied,
    Map<QueueRow.State, Long> states,
    double asOf) {

  /** Each count of many rows is of one index alone; few rows are looked at themselves. */
  private static final String QUESTION =
      """
      WITH dead AS (
        SELECT count(*) AS files FROM supersync_v0 s JOIN caravan_file_v0 c ON c.file_id = s.id
        WHERE <waits> AND s.failed_copy_attempts > 0 AND s.failed_copy_attempts < :most
        AND COALESCE(s.ignore, 0) = 0 AND c.dead_at IS NOT NULL),
      ignored AS (
        SELECT COALESCE(sum(same), 0) AS held,
          COALESCE(sum(NOT same AND tried = 0), 0) AS fresh,
          COALESCE(sum(NOT same AND tried > 0 AND tried < :most), 0) AS failed,
          COALESCE(sum(NOT same AND tried >= :most), 0) AS over
        FROM (SELECT COALESCE(s.remote_md5sum = s.local_md5sum, 0) AS same,
            COALESCE(s.failed_copy_attempts, 0) AS tried
          FROM supersync_v0 s
          WHERE s.archive_name = :archive AND s.ignore <> 0 AND s.removed IS NULL)),
      copied AS (
        SELECT * FROM (SELECT s.timestamp AS at, s.id, s.local_path FROM supersync_v0 s
          WHERE <held> ORDER BY s.timestamp DESC, s.id DESC LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT s.timestamp AS at, s.id, s.local_path FROM supersync_v0 s
          WHERE s.archive_name = :archive AND s.removed IS NOT NULL
          AND s.remote_md5sum = s.local_md5sum
          ORDER BY s.timestamp DESC, s.id DESC LIMIT 1))
      SELECT
        (SELECT count(*) FROM supersync_v0 s
          WHERE s.archive_name = :archive AND s.removed IS NOT NULL AND <ever>) AS removed,
        (SELECT count(*) FROM supersync_v0 s WHERE <held> AND <ever>) AS held,
        (SELECT count(*) FROM supersync_v0 s WHERE <waits> AND <ever>) AS waits,
        (SELECT count(*) FROM supersync_v0 s
          WHERE <waits> AND s.failed_copy_attempts > 0) AS failed,
        (SELECT count(*) FROM supersync_v0 s
          WHERE <waits> AND s.failed_copy_attempts >= :most) AS over,
        dead.files AS dead, ignored.held AS ignored_held, ignored.fresh AS ignored_fresh,
        ignored.failed AS ignored_failed, ignored.over AS ignored_over,
        (SELECT CAST(s.local_path AS BLOB) FROM supersync_v0 s WHERE s.archive_name = :archive
          ORDER BY s.timestamp + 0 DESC, s.id DESC LIMIT 1) AS last_added,
        (SELECT CAST(local_path AS BLOB) FROM copied
          ORDER BY at DESC, id DESC LIMIT 1) AS last_copied,
        (<since>) AS since
      FROM dead, ignored
      """;

  /** Always true; it has SQLite choose the index of just these rows, by their times. */
  private static final String EVER = "s.timestamp >= -9e999";

  private static final String HELD =
      "s.archive_name = :archive AND s.removed IS NULL AND s.remote_md5sum = s.local_md5sum";

  private static final String WAITS =
      "s.archive_name = :archive AND s.removed IS NULL"
          + " AND (s.remote_md5sum IS NULL OR s.remote_md5sum <> s.local_md5sum)";

  /** Files that somebody ignores, and those that were given up if that is wanted, do not count. */
  private static String since(boolean announce) {
    return "SELECT s.timestamp FROM supersync_v0 s"
        + " LEFT JOIN caravan_file_v0 c ON c.file_id = s.id WHERE "
        + WAITS
        + " AND COALESCE(s.ignore, 0) = 0 AND "
        + (announce ? "NOT " + QueueTable.GIVEN_UP : ":most = :most")
        + " ORDER BY s.timestamp LIMIT 1";
  }

  /** All that was registered up to then is copied, in seconds since 1970. */
  public double finalizedUntil() {
    return waitsSince.map(since -> since - 1).orElse(asOf);
  }

  /** The same, asked at another time. */
  ArchiveStats at(double now) {
    return new ArchiveStats(
        waitsSince, numFiles, uncopiedFiles, lastFileAdded, lastFileCopied, states, now);
  }

  /**
   * Reads them, all of one moment.
   *
   * @param announce whether files that were given up hold {@code finalized_until} back no more
   */
  static ArchiveStats read(QueueFile file, String archive, int maxAttempts, boolean announce) {
    String question =
        QUESTION
            .replace("<since>", since(announce))
            .replace("<ever>", EVER)
            .replace("<held>", HELD)
            .replace("<waits>", WAITS);
    return file.read(
        session ->
            session
                .createQuery(question)
                .bind("archive", archive)
                .bind("most", maxAttempts)
                .map(ArchiveStats::of)
                .one());
  }

  private static ArchiveStats of(ResultSet row) throws SQLException {
    long removed = row.getLong("removed");
    long held = row.getLong("held");
    long waits = row.getLong("waits");
    long failed = row.getLong("failed");
    long over = row.getLong("over");
    long dead = row.getLong("dead");
    long ignoredHeld = row.getLong("ignored_held");
    long ignoredFresh = row.getLong("ignored_fresh");
    long ignoredFailed = row.getLong("ignored_failed");
    long ignoredOver = row.getLong("ignored_over");
    Map<QueueRow.State, Long> states = new EnumMap<>(QueueRow.State.class);
    states.put(QueueRow.State.QUEUED, waits - failed - ignoredFresh);
    states.put(QueueRow.State.FAILING, failed - over - ignoredFailed - dead);
    states.put(QueueRow.State.DEAD, over - ignoredOver + dead);
    states.put(QueueRow.State.COPIED, held - ignoredHeld);
    states.put(QueueRow.State.REMOVED, removed);
    states.put(QueueRow.State.IGNORED, ignoredHeld + ignoredFresh + ignoredFailed + ignoredOver);
    double since = row.getDouble("since");
    return new ArchiveStats(
        row.wasNull() ? Optional.empty() : Optional.of(since),
        removed + held + waits,
        waits,
        path(row.getBytes("last_added")),
        path(row.getBytes("last_copied")),
        states,
        0);
  }

  private static Optional<String> path(byte @Nullable [] name) {
    return Optional.ofNullable(name).map(PathNames::textOf);
  }

  /** One second before the first file that is not copied; empty when all are. */
  public static Optional<Double> finalizedUntil(
      Session session, String archive, int maxAttempts, boolean announce) {
    return session
        .createQuery(since(announce))
        .bind("archive", archive)
        .bind("most", maxAttempts)
        .map(row -> row.getDouble(1) - 1)
        .findOne();
  }
}
