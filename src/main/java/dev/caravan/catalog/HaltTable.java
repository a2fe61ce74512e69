package dev.caravan.catalog;

import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

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

  /** Opens a halt in place of any other that was open; the refused deletions are remembered. */
  public void open(
      Handle handle,
      String runId,
      String kind,
      String message,
      long now,
      Collection<StorePath> of) {
    end(handle, now);
    long id =
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
            .executeAndReturnGeneratedKeys("id")
            .mapTo(Long.class)
            .one();
    if (of.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch("INSERT INTO halted_deletion (halt, path) VALUES (:halt, :path)");
    of.forEach(path -> batch.bind("halt", id).bind("path", path.value()).add());
    batch.execute();
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
