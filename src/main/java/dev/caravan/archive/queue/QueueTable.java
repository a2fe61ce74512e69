package dev.caravan.archive.queue;

import dev.caravan.archive.queue.QueueRow.Seen;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlQuery;
import dev.caravan.event.PathNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Asks the queue of one archive; nothing is changed here. */
public final class QueueTable {

  private static final String FILES = "supersync_v0 s";

  static final String SELECT =
      """
      SELECT s.id, CAST(s.local_path AS BLOB) AS local_path, s.local_md5sum, s.archive_name,
        CAST(s.remote_path AS BLOB) AS remote_path, s.timestamp, s.remote_md5sum, s.copied,
        s.removed, COALESCE(s.failed_copy_attempts, 0) AS attempts,
        COALESCE(s.deletable, 1) AS deletable, COALESCE(s.ignore, 0) AS ignored,
        c.verified_at, CASE WHEN c.sha256_md5 = s.local_md5sum THEN c.sha256 END AS sha256,
        c.size, c.mtime_ns, c.ctime_ns, c.inode, COALESCE(c.version, 1) AS version,
        CASE WHEN COALESCE(s.failed_copy_attempts, 0) > 0 THEN c.dead_at END AS dead_at, c.reason
      FROM supersync_v0 s LEFT JOIN caravan_file_v0 c ON c.file_id = s.id
      """;

  /**
   * Given up. An operator who sets the attempts to 0 by SQL, as the Python package knows it, wants
   * the file tried again, whatever is noted here.
   */
  static final String GIVEN_UP =
      "((c.dead_at IS NOT NULL AND COALESCE(s.failed_copy_attempts, 0) > 0)"
          + " OR COALESCE(s.failed_copy_attempts, 0) >= :most)";

  private static final String WAITING =
      """
      s.archive_name = :archive AND s.removed IS NULL
      AND (s.remote_md5sum IS NULL OR s.remote_md5sum <> s.local_md5sum)
      """;

  /**
   * Of the files of an archive those that lie at a place, however their paths were written. They
   * are found by their ids: the plus keeps SQLite from going through all files of the archive.
   */
  static final String AT_PLACE =
      """
      s.id IN (SELECT id FROM supersync_v0
          WHERE archive_name = :archive AND remote_path = CAST(:path AS TEXT)
        UNION ALL SELECT file_id FROM caravan_file_v0
          WHERE archive_name = :archive AND place = CAST(:path AS TEXT))
      AND +s.archive_name = :archive
      """;

  private final QueueFile file;
  private final String archive;

  public QueueTable(QueueFile file, String archive) {
    this.file = file;
    this.archive = archive;
  }

  /**
   * The files to copy next: those that failed least go first, so that none of them keeps the others
   * from their turn.
   *
   * @param before only those that were tried before this time, or never
   */
  public List<QueueRow> listCopyable(int maxAttempts, double before, int limit) {
    return file.read(
        session ->
            session
                .createQuery(
                    SELECT
                        + "WHERE "
                        + WAITING
                        + """
                        AND COALESCE(s.failed_copy_attempts, 0) < :most
                        AND COALESCE(s.ignore, 0) = 0
                        AND (c.dead_at IS NULL OR COALESCE(s.failed_copy_attempts, 0) = 0)
                        AND (s.copied IS NULL OR s.copied < :before)
                        ORDER BY s.failed_copy_attempts, s.id LIMIT :limit""")
                .bind("archive", archive)
                .bind("most", maxAttempts)
                .bind("before", before)
                .bind("limit", limit)
                .map(QueueTable::row)
                .list());
  }

  /** Where a walk over the files that may be deleted goes on. */
  public record Place(double timestamp, long id) {
    public static final Place START = new Place(-Double.MAX_VALUE, 0);
  }

  /**
   * The files whose local copies are old enough to go, oldest first.
   *
   * @param since that they were copied, or registered, earlier than
   * @param registered whether their registration counts
   * @param keptBefore one that was to go and stayed is looked at again if that was before this time
   */
  public List<QueueRow> listDeletable(
      double since, boolean registered, double keptBefore, Place after, int limit) {
    String clock = registered ? "s.timestamp" : "COALESCE(c.verified_at, s.copied, s.timestamp)";
    return file.read(
        session ->
            session
                .createQuery(
                    // Else it may go through all that are never to be deleted, in each round.
                    SELECT.replace(FILES, FILES + " INDEXED BY caravan_free_v0")
                        + """
                        WHERE s.archive_name = :archive AND s.removed IS NULL
                        AND s.remote_md5sum = s.local_md5sum AND COALESCE(s.deletable, 1) <> 0
                        AND s.timestamp < :since AND (c.kept_at IS NULL OR c.kept_at < :kept)
                        AND (s.timestamp, s.id) > (:timestamp, :id)
                        AND"""
                        + " "
                        + clock
                        + " < :since ORDER BY s.timestamp, s.id LIMIT :limit")
                .bind("archive", archive)
                .bind("since", since)
                .bind("kept", keptBefore)
                .bind("timestamp", after.timestamp())
                .bind("id", after.id())
                .bind("limit", limit)
                .map(QueueTable::row)
                .list());
  }

  /** Files whose deletion was begun by a process that died. */
  public List<QueueRow> listRemoving() {
    return file.read(
        session ->
            session
                .createQuery(
                    SELECT + "WHERE c.archive_name = :archive AND c.removing = 1 LIMIT 10000")
                .bind("archive", archive)
                .map(QueueTable::row)
                .list());
  }

  /**
   * Another file that is registered at the same place and verified there, also one that is ignored
   * since.
   *
   * @param place in its plain form
   */
  public Optional<QueueRow> findHolder(String place, long otherThan) {
    return file.read(
        session ->
            session
                .createQuery(
                    SELECT
                        + "WHERE "
                        + AT_PLACE
                        + """
                        AND s.id <> :id AND s.remote_md5sum = s.local_md5sum
                        ORDER BY s.id DESC LIMIT 1""")
                .bind("archive", archive)
                .bind("path", PathNames.bytesOf(place))
                .bind("id", otherThan)
                .map(QueueTable::row)
                .findOne());
  }

  /** The verified files whose paths are not plain, and were not noted under their plain forms. */
  public List<QueueRow> listUnplaced(long after, int limit) {
    return file.read(
        session ->
            session
                .createQuery(
                    SELECT
                        + """
                        WHERE s.archive_name = :archive AND s.id > :after
                        AND s.remote_md5sum = s.local_md5sum AND c.place IS NULL
                        AND (instr('/' || s.remote_path, '//') > 0
                          OR instr('/' || s.remote_path, '/./') > 0)
                        ORDER BY s.id LIMIT :limit""")
                .bind("archive", archive)
                .bind("after", after)
                .bind("limit", limit)
                .map(QueueTable::row)
                .list());
  }

  /** The files registered at this place, by this path or its plain form, newest first. */
  public List<QueueRow> listAtRemote(Session session, String remotePath) {
    return session
        .createQuery(SELECT + "WHERE " + AT_PLACE + " ORDER BY s.id DESC LIMIT 100")
        .bind("archive", archive)
        .bind("path", PathNames.bytesOf(remotePath))
        .map(QueueTable::row)
        .list();
  }

  /** The files registered from this local path, in whatever archive. */
  public List<QueueRow> listAtLocal(String localPath) {
    return file.read(
        session ->
            session
                .createQuery(
                    SELECT + "WHERE s.local_path = CAST(:path AS TEXT) ORDER BY s.id LIMIT 1000")
                .bind("path", PathNames.bytesOf(localPath))
                .map(QueueTable::row)
                .list());
  }

  public Optional<QueueRow> find(long id) {
    return file.read(
        session ->
            session
                .createQuery(SELECT + "WHERE s.archive_name = :archive AND s.id = :id")
                .bind("archive", archive)
                .bind("id", id)
                .map(QueueTable::row)
                .findOne());
  }

  /**
   * A page of the files, in the order of their ids.
   *
   * @param state only those that stand so
   */
  public List<QueueRow> list(Optional<State> state, int maxAttempts, long after, int limit) {
    return file.read(
        session -> {
          String where = state.map(QueueTable::condition).orElse("1");
          SqlQuery query =
              session
                  .createQuery(
                      SELECT
                          + "WHERE s.archive_name = :archive AND s.id > :after AND ("
                          + where
                          + ") ORDER BY s.id LIMIT :limit")
                  .bind("archive", archive)
                  .bind("after", after)
                  .bind("limit", limit);
          if (where.contains(":most")) {
            query = query.bind("most", maxAttempts);
          }
          return query.map(QueueTable::row).list();
        });
  }

  static String condition(State state) {
    String waits =
        "s.removed IS NULL AND COALESCE(s.ignore, 0) = 0"
            + " AND (s.remote_md5sum IS NULL OR s.remote_md5sum <> s.local_md5sum)";
    return switch (state) {
      case REMOVED -> "s.removed IS NOT NULL";
      case IGNORED -> "s.removed IS NULL AND s.ignore <> 0";
      case COPIED ->
          "s.removed IS NULL AND COALESCE(s.ignore, 0) = 0 AND s.remote_md5sum = s.local_md5sum";
      case DEAD -> waits + " AND " + GIVEN_UP;
      case FAILING -> waits + " AND NOT " + GIVEN_UP + " AND s.failed_copy_attempts > 0";
      case QUEUED ->
          waits + " AND NOT " + GIVEN_UP + " AND COALESCE(s.failed_copy_attempts, 0) = 0";
    };
  }

  /** What went wrong with a file, oldest first. */
  public List<Attempt> attempts(long id) {
    return file.read(
        session ->
            session
                .createQuery(
                    "SELECT at, message FROM caravan_attempt_v0 WHERE file_id = :id ORDER BY id")
                .bind("id", id)
                .map(row -> new Attempt(row.getDouble(1), row.getString(2)))
                .list());
  }

  /** One failed attempt. */
  public record Attempt(double at, String message) {}

  static QueueRow row(ResultSet row) throws SQLException {
    row.getLong("inode");
    boolean seen = !row.wasNull();
    return new QueueRow(
        row.getLong("id"),
        PathNames.textOf(row.getBytes("local_path")),
        row.getString("local_md5sum"),
        row.getString("archive_name"),
        PathNames.textOf(row.getBytes("remote_path")),
        row.getDouble("timestamp"),
        Optional.ofNullable(row.getString("remote_md5sum")),
        number(row, "copied"),
        number(row, "removed"),
        row.getInt("attempts"),
        row.getBoolean("deletable"),
        row.getBoolean("ignored"),
        number(row, "verified_at"),
        Optional.ofNullable(row.getString("sha256")),
        seen
            ? Optional.of(
                new Seen(
                    row.getLong("size"),
                    row.getLong("mtime_ns"),
                    row.getLong("ctime_ns"),
                    row.getLong("inode")))
            : Optional.empty(),
        row.getInt("version"),
        number(row, "dead_at").isPresent(),
        Optional.ofNullable(row.getString("reason")));
  }

  private static OptionalDouble number(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
