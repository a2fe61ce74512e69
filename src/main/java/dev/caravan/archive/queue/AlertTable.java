package dev.caravan.archive.queue;

import dev.caravan.event.PathNames;
import java.util.List;

/**
 * What people are to hear of one archive, and whether that is on its way to them. It stays here
 * until it is on record there as well, so that a crash in between loses nothing.
 */
public final class AlertTable {

  private static final String UNTOLD =
      """
      FROM caravan_file_v0 c JOIN supersync_v0 s ON s.id = c.file_id
      WHERE c.archive_name = :archive AND c.dead_at IS NOT NULL AND c.told_at IS NULL
      AND s.removed IS NULL AND COALESCE(s.ignore, 0) = 0
      AND COALESCE(s.failed_copy_attempts, 0) > 0
      """;

  private final QueueFile file;
  private final String archive;

  public AlertTable(QueueFile file, String archive) {
    this.file = file;
    this.archive = archive;
  }

  /**
   * A file that was given up.
   *
   * @param at when, in seconds since 1970
   */
  public record GivenUp(long id, String remotePath, double at, String reason) {}

  /** Files that were given up, and of which nobody was told; those with the smallest ids. */
  public List<GivenUp> listGivenUp(int limit) {
    return file.read(
        session ->
            session
                .createQuery(
                    "SELECT s.id, CAST(s.remote_path AS BLOB), c.dead_at, COALESCE(c.reason, '') "
                        + UNTOLD
                        + " ORDER BY s.id LIMIT :limit")
                .bind("archive", archive)
                .bind("limit", limit)
                .map(
                    row ->
                        new GivenUp(
                            row.getLong(1),
                            PathNames.textOf(row.getBytes(2)),
                            row.getDouble(3),
                            row.getString(4)))
                .list());
  }

  /** How many there are of them. */
  public long countGivenUp() {
    return file.read(
        session ->
            session
                .createQuery("SELECT count(*) " + UNTOLD)
                .bind("archive", archive)
                .mapToLong()
                .one());
  }

  /** All files that were given up so far are told of. */
  public void recordGivenUpTold(double at) {
    file.write(
        session ->
            session
                .createUpdate(
                    """
                    UPDATE caravan_file_v0 SET told_at = :at
                    WHERE archive_name = :archive AND dead_at IS NOT NULL AND told_at IS NULL""")
                .bind("at", at)
                .bind("archive", archive)
                .execute());
  }

  /**
   * A timecode directory that waits for a person.
   *
   * @param at since when, in seconds since 1970
   */
  public record Blocked(int timecode, double at, String message) {}

  /** Notes a directory, unless it is noted already. */
  public void recordBlocked(Blocked blocked) {
    file.write(
        session ->
            session
                .createUpdate(
                    """
                    INSERT INTO caravan_blocked_v0 (archive_name, timecode, at, message)
                    VALUES (:archive, :timecode, :at, :message)
                    ON CONFLICT (archive_name, timecode) DO NOTHING""")
                .bind("archive", archive)
                .bind("timecode", blocked.timecode())
                .bind("at", blocked.at())
                .bind("message", blocked.message())
                .execute());
  }

  /** A directory waits no more. */
  public void forgetBlocked(int timecode) {
    file.write(
        session ->
            session
                .createUpdate(
                    """
                    DELETE FROM caravan_blocked_v0
                    WHERE archive_name = :archive AND timecode = :timecode""")
                .bind("archive", archive)
                .bind("timecode", timecode)
                .execute());
  }

  /** All directories that wait, by their timecodes. */
  public List<Blocked> listBlocked() {
    return listBlocked("");
  }

  /** Those of which nobody was told. */
  public List<Blocked> listBlockedUntold() {
    return listBlocked(" AND told = 0");
  }

  private List<Blocked> listBlocked(String more) {
    return file.read(
        session ->
            session
                .createQuery(
                    "SELECT timecode, at, message FROM caravan_blocked_v0"
                        + " WHERE archive_name = :archive"
                        + more
                        + " ORDER BY timecode LIMIT 1000")
                .bind("archive", archive)
                .map(row -> new Blocked(row.getInt(1), row.getDouble(2), row.getString(3)))
                .list());
  }

  /** A directory is told of. */
  public void recordBlockedTold(int timecode) {
    file.write(
        session ->
            session
                .createUpdate(
                    """
                    UPDATE caravan_blocked_v0 SET told = 1
                    WHERE archive_name = :archive AND timecode = :timecode""")
                .bind("archive", archive)
                .bind("timecode", timecode)
                .execute());
  }
}
