package dev.caravan.catalog.export;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which folders and files belong to which export, and how far each file has come. */
public final class ExportFiles {

  private final Catalog catalog;

  public ExportFiles(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Folders of the Alpha that belong to an export, with the export's id. */
  public Map<String, Long> folders() {
    Map<String, Long> folders = new TreeMap<>();
    catalog.read(
        session -> {
          session
              .createQuery("SELECT name, export FROM export_folder")
              .map(row -> Map.entry(row.getString(1), row.getLong(2)))
              .forEach(entry -> folders.put(entry.getKey(), entry.getValue()));
          return folders;
        });
    return folders;
  }

  /** The folders of one export, in the order of their names. */
  public List<String> folders(long export) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT name FROM export_folder WHERE export = :export ORDER BY name")
                .bind("export", export)
                .mapToString()
                .list());
  }

  /**
   * Gives folders to an export; those that another has stay its own.
   *
   * @param folder of its objects; {@code -2} and so on is added where another export has it
   * @return the folder of its objects
   */
  public String claim(long export, List<String> names, Optional<String> readTs, String folder) {
    return catalog.write(
        session -> {
          for (String name : names) {
            session.execute(
                "INSERT INTO export_folder (name, export) VALUES (?, ?) ON CONFLICT DO NOTHING",
                name,
                export);
          }
          String chosen = free(session, export, folder);
          session
              .createUpdate(
                  """
                  UPDATE export SET read_ts = :ts, folder = coalesce(folder, :folder),
                    reserved = CASE WHEN folder IS NULL AND :folder IS NOT NULL THEN 0
                               ELSE reserved END
                  WHERE id = :id
                  """)
              .bind("ts", readTs.orElse(null))
              .bind("folder", chosen.isEmpty() ? null : chosen)
              .bind("id", export)
              .execute();
          return chosen;
        });
  }

  private static String free(Session session, long export, String folder) {
    String chosen = folder;
    for (int n = 2; isTaken(session.createQuery(TAKEN), chosen, export); n++) {
      chosen = folder + "-" + n;
    }
    return chosen;
  }

  /** Whether the folder of an export's objects is known to be nobody else's. */
  public boolean isReserved(long export) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT reserved FROM export WHERE id = :id")
                .bind("id", export)
                .mapToBoolean()
                .findOne()
                .orElse(true));
  }

  /** Records that the folder of an export's objects is nobody else's. */
  public void recordReserved(long export) {
    catalog.commit(
        session -> session.execute("UPDATE export SET reserved = 1 WHERE id = ?", export));
  }

  /**
   * Gives an export's objects, of which none was sent yet, another folder.
   *
   * @param wanted {@code -2} and so on is added where another export has it
   * @return the folder
   */
  public String recordFolder(long export, String wanted) {
    return catalog.write(
        session -> {
          String folder = free(session, export, wanted);
          session.execute(
              "UPDATE export SET folder = ?, reserved = 0 WHERE id = ?", folder, export);
          return folder;
        });
  }

  /** Gives files of which none was sent yet other keys, by path. */
  public void recordKeys(long export, Map<String, String> keys) {
    catalog.commit(
        session ->
            keys.forEach(
                (path, key) ->
                    session.execute(
                        "UPDATE export_file SET object_key = ?"
                            + " WHERE export = ? AND path = ? AND state = 'expected'",
                        key,
                        export,
                        path)));
  }

  private static final String TAKEN =
      "SELECT EXISTS (SELECT 1 FROM export WHERE folder = :folder AND id <> :export)";

  private static boolean isTaken(SqlQuery query, String folder, long export) {
    return query.bind("folder", folder).bind("export", export).mapToBoolean().one();
  }

  /** The files of an export, in the order of their paths. */
  public List<ExportFileRow> list(long export) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT path, object_key, size, modified_ns, changed_ns, inode, device, mode,
                           sha256, state
                    FROM export_file WHERE export = :export ORDER BY path
                    """)
                .bind("export", export)
                .map(ExportFiles::row)
                .list());
  }

  /** Records files that belong to an export, before any of them is sent; known ones stay. */
  public void recordExpected(long export, List<ExportFileRow> files) {
    catalog.commit(
        session -> {
          for (ExportFileRow file : files) {
            session.execute(
                """
                INSERT INTO export_file (export, path, object_key, size, modified_ns, changed_ns,
                    inode, device, mode, sha256, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 'expected')
                ON CONFLICT DO NOTHING
                """,
                export,
                file.path(),
                file.key(),
                file.sizeBytes(),
                file.modifiedNs(),
                file.changedNs(),
                file.inode(),
                file.device(),
                file.mode());
          }
        });
  }

  /** Records that the remote took a file. */
  public void recordSent(long export, ExportFileRow file) {
    catalog.commit(
        session ->
            session.execute(
                """
                INSERT INTO export_file (export, path, object_key, size, modified_ns, changed_ns,
                    inode, device, mode, sha256, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent')
                ON CONFLICT (export, path) DO UPDATE SET object_key = excluded.object_key,
                  size = excluded.size, modified_ns = excluded.modified_ns,
                  changed_ns = excluded.changed_ns, inode = excluded.inode,
                  device = excluded.device, mode = excluded.mode, sha256 = excluded.sha256,
                  state = 'sent'
                """,
                export,
                file.path(),
                file.key(),
                file.sizeBytes(),
                file.modifiedNs(),
                file.changedNs(),
                file.inode(),
                file.device(),
                file.mode(),
                file.sha256()));
  }

  /** Records how far a file has come. */
  public void recordState(long export, String path, ExportFileRow.State state) {
    catalog.commit(
        session ->
            session.execute(
                "UPDATE export_file SET state = ? WHERE export = ? AND path = ?",
                state.name().toLowerCase(Locale.ROOT),
                export,
                path));
  }

  /**
   * The greatest read timestamp of an export that is done and newer than another; empty when none
   * is. What was asked for after the other had ended is newer, and what had ended before the other
   * was asked for is older, whatever their read timestamps, which begin anew with a new cluster.
   * Where both were under way at once the read timestamps decide.
   */
  public Optional<Long> newerDone(ExportRow than) {
    long requested = than.ask().atMillis();
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT CAST(read_ts AS INTEGER) FROM export
                    WHERE state = 'done' AND read_ts IS NOT NULL AND id <> :id
                      AND (requested_at > :ended
                        OR (task_ended_at >= :requested AND CAST(read_ts AS INTEGER) > :ts))
                    ORDER BY 1 DESC LIMIT 1
                    """)
                .bind("id", than.id())
                .bind("ended", Math.max(requested, than.task().endedMillis().orElse(requested)))
                .bind("requested", requested)
                .bind("ts", than.task().readTs().map(Long::parseLong).orElse(Long.MAX_VALUE))
                .mapToLong()
                .findOne());
  }

  /** Records that an upload begins which would leave parts behind. */
  public void recordUpload(String key, long now) {
    catalog.commit(
        session ->
            session.execute(
                "INSERT INTO export_upload (object_key, begun_at) VALUES (?, ?)"
                    + " ON CONFLICT DO NOTHING",
                key,
                now));
  }

  /** Records that nothing is left of an upload but its object. */
  public void recordUploadEnd(String key) {
    catalog.commit(
        session -> session.execute("DELETE FROM export_upload WHERE object_key = ?", key));
  }

  /**
   * An upload that was begun and not ended.
   *
   * @param wanted whether the file is still to be brought
   */
  public record Begun(String key, Instant at, boolean wanted) {}

  /** The uploads that were begun and not ended. */
  public List<Begun> uploads() {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT object_key, begun_at, EXISTS (
                        SELECT 1 FROM export_file AS f JOIN export AS e ON e.id = f.export
                        WHERE f.object_key = u.object_key AND e.next_at IS NOT NULL)
                    FROM export_upload AS u ORDER BY object_key
                    """)
                .map(
                    row ->
                        new Begun(
                            row.getString(1),
                            Instant.ofEpochMilli(row.getLong(2)),
                            row.getInt(3) == 1))
                .list());
  }

  private static ExportFileRow row(ResultSet row) throws SQLException {
    return new ExportFileRow(
        row.getString(1),
        row.getString(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getInt(8),
        row.getString(9),
        ExportFileRow.State.valueOf(row.getString(10).toUpperCase(Locale.ROOT)));
  }
}
