package dev.caravan.archive.queue;

import dev.caravan.event.PathNames;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an archive stands, under the names of SupRsync.
 *
 * @param finalizedUntil in seconds since 1970; all that was registered up to then is copied
 * @param numFiles ever registered
 * @param uncopiedFiles whose copy is not verified
 * @param lastFileAdded the local path of the newest
 * @param lastFileCopied the local path of the newest that is copied
 * @param states how many files stand where
 */
public record ArchiveStats(
    double finalizedUntil,
    long numFiles,
    long uncopiedFiles,
    Optional<String> lastFileAdded,
    Optional<String> lastFileCopied,
    Map<QueueRow.State, Long> states) {

  /**
   * Reads them; looks at every row.
   *
   * @param announce whether files that were given up hold {@code finalized_until} back no more
   */
  public static ArchiveStats read(
      QueueFile file, String archive, int maxAttempts, boolean announce, double now) {
    return file.read(
        session -> {
          Map<QueueRow.State, Long> states = new EnumMap<>(QueueRow.State.class);
          for (QueueRow.State state : QueueRow.State.values()) {
            states.put(state, 0L);
          }
          session
              .createQuery(
                  """
                  SELECT CASE WHEN s.removed IS NOT NULL THEN 'REMOVED'
                      WHEN s.ignore <> 0 THEN 'IGNORED'
                      WHEN s.remote_md5sum = s.local_md5sum THEN 'COPIED'
                      WHEN """
                      + QueueTable.GIVEN_UP
                      + """
                       THEN 'DEAD'
                      WHEN s.failed_copy_attempts > 0 THEN 'FAILING' ELSE 'QUEUED' END AS state,
                    count(*) AS files
                  FROM supersync_v0 s LEFT JOIN caravan_file_v0 c ON c.file_id = s.id
                  WHERE s.archive_name = :archive GROUP BY state""")
              .bind("most", maxAttempts)
              .bind("archive", archive)
              .map(row -> Map.entry(QueueRow.State.valueOf(row.getString(1)), row.getLong(2)))
              .forEach(entry -> states.put(entry.getKey(), entry.getValue()));
          long uncopied =
              session
                  .createQuery(
                      """
                      SELECT count(*) FROM supersync_v0 s WHERE s.archive_name = :archive
                      AND s.removed IS NULL
                      AND (s.remote_md5sum IS NULL OR s.remote_md5sum <> s.local_md5sum)""")
                  .bind("archive", archive)
                  .mapToLong()
                  .one();
          return new ArchiveStats(
              finalizedUntil(session, archive, maxAttempts, announce).orElse(now),
              states.values().stream().mapToLong(Long::longValue).sum(),
              uncopied,
              newest(session, archive, "1"),
              newest(session, archive, "s.remote_md5sum = s.local_md5sum"),
              states);
        });
  }

  /** One second before the first file that is not copied; empty when all are. */
  public static Optional<Double> finalizedUntil(
      dev.caravan.catalog.sql.Session session, String archive, int maxAttempts, boolean announce) {
    String dead = announce ? " AND NOT " + QueueTable.GIVEN_UP : " AND :most = :most";
    return session
        .createQuery(
            """
            SELECT min(s.timestamp) - 1 FROM supersync_v0 s
            LEFT JOIN caravan_file_v0 c ON c.file_id = s.id
            WHERE s.archive_name = :archive AND s.removed IS NULL
            AND (s.remote_md5sum IS NULL OR s.remote_md5sum <> s.local_md5sum)
            AND COALESCE(s.ignore, 0) = 0 """
                + dead)
        .bind("archive", archive)
        .bind("most", maxAttempts)
        .map(row -> row.getDouble(1))
        .findOne();
  }

  private static Optional<String> newest(
      dev.caravan.catalog.sql.Session session, String archive, String where) {
    return session
        .createQuery(
            "SELECT CAST(s.local_path AS BLOB) FROM supersync_v0 s"
                + " WHERE s.archive_name = :archive AND "
                + where
                + " ORDER BY s.timestamp + 0 DESC, s.id DESC LIMIT 1")
        .bind("archive", archive)
        .map(row -> PathNames.textOf(row.getBytes(1)))
        .findOne();
  }
}
