package dev.caravan.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The halts. At most one is open. Changes are made on a handle of the catalog's writer. */
public final class HaltTable {

  private final Catalog catalog;

  HaltTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public Optional<HaltRow> findOpen() {
    return catalog.read(
        handle ->
            handle
                .createQuery("SELECT * FROM halt WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1")
                .map((rs, context) -> map(rs))
                .findOne());
  }

  /**
   * Opens a halt in place of any other that was open.
   *
   * @param looks the files that so many looks did not find are remembered as what was refused; 0
   *     when the halt is about something else than deletions, so that its approval covers none
   */
  public void open(Handle handle, String runId, String kind, String message, long now, int looks) {
    end(handle, now);
    handle
        .createUpdate(
            """
            INSERT INTO halt (run_id, kind, message, begun_at)
            VALUES (:run, :kind, :message, :now)
            """)
        .bind("run", runId)
        .bind("kind", kind)
        .bind("message", message)
        .bind("now", now)
        .execute();
    handle
        .createUpdate(
            """
            INSERT INTO halted_deletion (halt, path)
            SELECT (SELECT MAX(id) FROM halt), path FROM file
             WHERE :looks > 0 AND missing_looks >= :looks AND missing_looks > 0
               AND state = 'present'
            """)
        .bind("looks", looks)
        .execute();
  }

  /** Records that a person agreed; false when nothing waits. */
  public boolean approve(Handle handle, long nowMillis) {
    return handle
            .createUpdate(
                "UPDATE halt SET approved_at = :now WHERE ended_at IS NULL AND approved_at IS NULL")
            .bind("now", nowMillis)
            .execute()
        > 0;
  }

  /** Closes what is open: it was carried out, or its cause has gone. */
  public void end(Handle handle, long nowMillis) {
    handle
        .createUpdate("UPDATE halt SET ended_at = :now WHERE ended_at IS NULL")
        .bind("now", nowMillis)
        .execute();
    handle.execute(
        "DELETE FROM halted_deletion WHERE halt IN"
            + " (SELECT id FROM halt WHERE ended_at IS NOT NULL)");
  }

  /** Of the files that two looks did not find, how many no approval covers. */
  public long countUnapproved() {
    return catalog.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT COUNT(*) FROM file f
                     WHERE f.missing_looks >= 2 AND f.state = 'present'
                       AND NOT EXISTS (
                         SELECT 1 FROM halted_deletion d JOIN halt h ON h.id = d.halt
                          WHERE d.path = f.path AND h.approved_at IS NOT NULL
                            AND h.ended_at IS NULL)
                    """)
                .mapTo(Long.class)
                .one());
  }

  private static HaltRow map(ResultSet rs) throws SQLException {
    rs.getLong("approved_at");
    boolean approved = !rs.wasNull();
    return new HaltRow(
        rs.getLong("id"),
        rs.getString("run_id"),
        rs.getString("kind"),
        rs.getString("message"),
        rs.getLong("begun_at"),
        approved);
  }
}
