package dev.caravan.archive.queue;

import dev.caravan.catalog.sql.Session;
import dev.caravan.event.PathNames;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The timecode directories of one archive. A file belongs to one when its remote path begins with
 * five digits and a slash. The files that announce directories are of no directory's making: they
 * neither open one nor complete another.
 */
public final class TimecodeTable {

  private static final String ANNOUNCING =
      """
      (SELECT finalize_file_id FROM timecode_dirs_v0
       WHERE archive_name = :archive AND finalize_file_id IS NOT NULL
       UNION SELECT file_id FROM caravan_timecode_v0 WHERE archive_name = :archive)
      """;

  private static final String WITHIN =
      """
      s.archive_name = :archive AND s.remote_path >= :from AND s.remote_path < :to
      """;

  private static final int NAMES_MAX = 1_000;

  private final QueueFile file;
  private final String archive;

  public TimecodeTable(QueueFile file, String archive) {
    this.file = file;
    this.archive = archive;
  }

  /** One timecode directory. */
  public record Dir(
      long id,
      int timecode,
      boolean completed,
      boolean synced,
      boolean finalized,
      Optional<Long> fileId) {}

  /** Which timecodes came with the files after one. */
  public record News(long lastId, Set<Integer> timecodes) {}

  public News readNews(long after) {
    return file.read(
        session -> {
          long last =
              session
                  .createQuery("SELECT COALESCE(max(id), 0) FROM supersync_v0")
                  .mapToLong()
                  .one();
          // Rows that were taken away give their ids to others.
          long from = last < after ? 0 : after;
          Set<Integer> found = new TreeSet<>();
          if (last > from) {
            session
                .createQuery(
                    """
                    SELECT DISTINCT substr(s.remote_path, 1, 5) FROM supersync_v0 s
                    WHERE s.archive_name = :archive AND s.id > :after AND s.id <= :last
                    AND s.remote_path GLOB '[0-9][0-9][0-9][0-9][0-9]/*' AND s.id NOT IN """
                        + ANNOUNCING)
                .bind("archive", archive)
                .bind("after", from)
                .bind("last", last)
                .map(row -> Integer.parseInt(row.getString(1)))
                .forEach(found::add);
          }
          return new News(last, found);
        });
  }

  /** Makes rows for the timecodes that have none. */
  public void ensureDirs(Collection<Integer> timecodes) {
    if (timecodes.isEmpty()) {
      return;
    }
    Set<Integer> known = new TreeSet<>();
    list().forEach(dir -> known.add(dir.timecode()));
    List<Integer> missing = timecodes.stream().filter(each -> !known.contains(each)).toList();
    if (missing.isEmpty()) {
      return;
    }
    file.write(
        session -> {
          for (int timecode : missing) {
            session
                .createUpdate(
                    """
                    INSERT INTO timecode_dirs_v0
                      (timecode, archive_name, completed, synced, finalized)
                    SELECT :timecode, :archive, 0, 0, 0 WHERE NOT EXISTS (
                      SELECT 1 FROM timecode_dirs_v0
                      WHERE timecode = :timecode AND archive_name = :archive)""")
                .bind("timecode", timecode)
                .bind("archive", archive)
                .execute();
          }
          return true;
        });
  }

  /** All of them, by their timecodes. */
  public List<Dir> list() {
    return file.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT id, timecode, COALESCE(completed, 0), COALESCE(synced, 0),
                      COALESCE(finalized, 0), finalize_file_id
                    FROM timecode_dirs_v0 WHERE archive_name = :archive ORDER BY timecode, id""")
                .bind("archive", archive)
                .map(
                    row -> {
                      long fileId = row.getLong(6);
                      return new Dir(
                          row.getLong(1),
                          row.getInt(2),
                          row.getBoolean(3),
                          row.getBoolean(4),
                          row.getBoolean(5),
                          row.wasNull() ? Optional.empty() : Optional.of(fileId));
                    })
                .list());
  }

  /**
   * What is registered for a directory.
   *
   * @param files all of it, also what announces other directories
   * @param data what does not
   * @param verified of all files
   * @param verifiedData of the data
   * @param ignored and not verified
   * @param dead given up, and not verified
   */
  public record Contents(
      long files, long data, long verified, long verifiedData, long ignored, long dead) {

    /** Files that are still to come. */
    public long waiting() {
      return files - verified - ignored - dead;
    }
  }

  public Contents contents(int timecode, int maxAttempts) {
    return file.read(
        session ->
            within(
                    session,
                    """
                    SELECT count(*), COALESCE(sum(data), 0), COALESCE(sum(same), 0),
                      COALESCE(sum(same AND data), 0), COALESCE(sum(NOT same AND ignored), 0),
                      COALESCE(sum(NOT same AND NOT ignored AND dead), 0)
                    FROM (SELECT COALESCE(s.remote_md5sum = s.local_md5sum, 0) AS same,
                        COALESCE(s.ignore, 0) <> 0 AS ignored, s.id NOT IN """
                        + ANNOUNCING
                        + """
                         AS data, """
                        + QueueTable.GIVEN_UP
                        + """
                         AS dead
                      FROM supersync_v0 s LEFT JOIN caravan_file_v0 c ON c.file_id = s.id
                      WHERE """
                        + " "
                        + WITHIN
                        + ")",
                    timecode)
                .bind("most", maxAttempts)
                .map(
                    row ->
                        new Contents(
                            row.getLong(1),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getLong(6)))
                .one());
  }

  private dev.caravan.catalog.sql.SqlQuery within(Session session, String sql, int timecode) {
    String digits = String.format("%05d", timecode);
    return session
        .createQuery(sql)
        .bind("archive", archive)
        .bind("from", digits + "/")
        .bind("to", digits + "0");
  }

  /** The second segments of the paths that have more than two. */
  public Set<String> subdirs(int timecode) {
    Set<String> found = new TreeSet<>();
    file.read(
        session -> {
          within(
                  session,
                  """
                  SELECT DISTINCT CAST(substr(rest, 1, instr(rest, '/') - 1) AS BLOB) FROM (
                    SELECT substr(s.remote_path, 7) AS rest FROM supersync_v0 s WHERE """
                      + " "
                      + WITHIN
                      + ") WHERE instr(rest, '/') > 1",
                  timecode)
              .map(row -> PathNames.textOf(row.getBytes(1)))
              .forEach(found::add);
          return true;
        });
    return found;
  }

  /** Remote paths of files that are not verified, of those that are ignored or of the others. */
  public List<String> listUnverified(int timecode, boolean ignored) {
    return file.read(
        session ->
            within(
                    session,
                    "SELECT CAST(s.remote_path AS BLOB) FROM supersync_v0 s WHERE "
                        + WITHIN
                        + " AND COALESCE(s.remote_md5sum = s.local_md5sum, 0) = 0"
                        + " AND (COALESCE(s.ignore, 0) <> 0) = :ignored"
                        + " ORDER BY s.remote_path LIMIT "
                        + NAMES_MAX,
                    timecode)
                .bind("ignored", ignored)
                .map(row -> PathNames.textOf(row.getBytes(1)))
                .list());
  }

  public void recordProgress(Dir dir, boolean completed, boolean synced) {
    file.write(
        session ->
            session
                .createUpdate(
                    """
                    UPDATE timecode_dirs_v0 SET completed = :completed, synced = :synced
                    WHERE id = :id AND COALESCE(finalized, 0) = 0""")
                .bind("completed", completed)
                .bind("synced", synced)
                .bind("id", dir.id())
                .execute());
  }

  /**
   * What was said of a directory last.
   *
   * @param name of the file that said it
   * @param verifiedData how many data files it stood for
   */
  public record Announcement(String name, long verifiedData) {}

  /** What was said last; of a directory that SupRsync announced, what it knew then. */
  public Optional<Announcement> findAnnouncement(Dir dir) {
    Optional<Announcement> ours =
        file.read(
            session ->
                session
                    .createQuery(
                        """
                        SELECT name, announced FROM caravan_timecode_v0
                        WHERE archive_name = :archive AND timecode = :timecode
                        ORDER BY file_id DESC LIMIT 1""")
                    .bind("archive", archive)
                    .bind("timecode", dir.timecode())
                    .map(row -> new Announcement(row.getString(1), row.getLong(2)))
                    .findOne());
    if (ours.isPresent() || dir.fileId().isEmpty()) {
      return ours;
    }
    return file.read(
        session ->
            within(
                    session,
                    """
                    SELECT f.remote_path, (SELECT count(*) FROM supersync_v0 s WHERE """
                        + " "
                        + WITHIN
                        + """
                        AND s.timestamp <= f.timestamp AND s.remote_md5sum = s.local_md5sum
                        AND s.id NOT IN """
                        + ANNOUNCING
                        + ") FROM supersync_v0 f WHERE f.id = :file",
                    dir.timecode())
                .bind("file", dir.fileId().get())
                .map(
                    row ->
                        new Announcement(row.getString(1).replaceFirst(".*/", ""), row.getLong(2)))
                .findOne());
  }

  /** Registers the file that announces a directory, and ends the directory, both or neither. */
  public long recordAnnounced(Dir dir, QueueChanges.NewFile made, Announcement said) {
    return file.write(
        session -> {
          long id = QueueChanges.insert(session, made);
          session
              .createUpdate(
                  """
                  UPDATE timecode_dirs_v0 SET completed = 1, synced = 1, finalized = 1,
                    finalize_file_id = :file WHERE id = :id""")
              .bind("file", id)
              .bind("id", dir.id())
              .execute();
          session
              .createUpdate(
                  """
                  INSERT INTO caravan_timecode_v0 (archive_name, timecode, file_id, name, announced)
                  VALUES (:archive, :timecode, :file, :name, :announced)""")
              .bind("archive", archive)
              .bind("timecode", dir.timecode())
              .bind("file", id)
              .bind("name", said.name())
              .bind("announced", said.verifiedData())
              .execute();
          return id;
        });
  }
}
