package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** The halts. At most one is open. Changes are made on a session of the catalog's writer. */
public final class HaltTable {

  private final Catalog catalog;

  HaltTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public Optional<HaltRow> findOpen() {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT * FROM halt WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1")
                .map(rs -> map(rs))
                .findOne());
  }

  /**
   * Opens a halt in place of any other that was open. One of the same kind that nobody agreed to
   * lasts on: it keeps the time at which it began.
   *
   * @param looks the files that so many looks did not find are remembered as what was refused; 0
   *     when the halt is about something else than deletions, so that its approval covers none
   */
  public void open(
      Session session, String runId, String kind, String message, long now, int looks) {
    long begun =
        session
            .createQuery(
                """
                SELECT begun_at FROM halt
                 WHERE ended_at IS NULL AND approved_at IS NULL AND kind = :kind
                """)
            .bind("kind", kind)
            .mapToLong()
            .findOne()
            .orElse(now);
    end(session, now);
    session
        .createUpdate(
            """
            INSERT INTO halt (run_id, kind, message, begun_at)
            VALUES (:run, :kind, :message, :begun)
            """)
        .bind("run", runId)
        .bind("kind", kind)
        .bind("message", message)
        .bind("begun", begun)
        .execute();
    session
        .createUpdate(
            """
            INSERT INTO halted_deletion (halt, path)
            SELECT (SELECT MAX(id) FROM halt), path FROM file
             WHERE :looks > 0 AND missing_looks >= :looks AND missing_looks > 0
               AND state = 'present'
               AND NOT EXISTS (SELECT 1 FROM renamed r WHERE r.from_path = file.path)
            """)
        .bind("looks", looks)
        .execute();
    session
        .createUpdate(
            """
            INSERT OR IGNORE INTO halted_deletion (halt, path)
            SELECT (SELECT MAX(id) FROM halt), path FROM node
             WHERE :looks > 0 AND missing_looks >= :looks AND missing_looks > 0 AND here = 1
            """)
        .bind("looks", looks)
        .execute();
  }

  /** Records that a person agreed; false when nothing waits. */
  public boolean approve(Session session, long nowMillis) {
    return session
            .createUpdate(
                "UPDATE halt SET approved_at = :now WHERE ended_at IS NULL AND approved_at IS NULL")
            .bind("now", nowMillis)
            .execute()
        > 0;
  }

  /** Closes what is open: it was carried out, or its cause has gone. */
  public void end(Session session, long nowMillis) {
    session
        .createUpdate("UPDATE halt SET ended_at = :now WHERE ended_at IS NULL")
        .bind("now", nowMillis)
        .execute();
    session.execute(
        "DELETE FROM halted_deletion WHERE halt IN"
            + " (SELECT id FROM halt WHERE ended_at IS NOT NULL)");
  }

  /** Forgets halts that ended before. */
  public void forgetBefore(Session session, long millis) {
    session.execute("DELETE FROM halt WHERE ended_at < ?", millis);
  }

  /**
   * Of the files that two looks did not find, how many no approval covers. Renamed ones do not
   * count: what they held lies under another name.
   */
  public long countUnapproved() {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT COUNT(*) FROM file f
                     WHERE f.missing_looks >= 2 AND f.state = 'present'
                       AND NOT EXISTS (SELECT 1 FROM renamed r WHERE r.from_path = f.path)
                       AND NOT EXISTS (
                         SELECT 1 FROM halted_deletion d JOIN halt h ON h.id = d.halt
                          WHERE d.path = f.path AND h.approved_at IS NOT NULL
                            AND h.ended_at IS NULL)
                    """)
                .mapToLong()
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
