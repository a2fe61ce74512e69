package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The remotes. Changes are made on a session of the catalog's writer. */
public final class RemoteTable {

  private final Catalog catalog;

  RemoteTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public List<RemoteRow> all() {
    return catalog.read(
        session ->
            session.createQuery("SELECT * FROM remote ORDER BY id").map(RemoteTable::map).list());
  }

  public Optional<RemoteRow> find(String name) {
    return catalog.read(session -> find(session, name));
  }

  public Optional<RemoteRow> find(Session session, String name) {
    return session
        .createQuery("SELECT * FROM remote WHERE name = :name")
        .bind("name", name)
        .map(RemoteTable::map)
        .findOne();
  }

  public void insert(Session session, String name, String identity) {
    session
        .createUpdate("INSERT INTO remote (name, identity) VALUES (:name, :identity)")
        .bind("name", name)
        .bind("identity", identity)
        .execute();
  }

  /** Records that the name now means another place, of which nothing is known. */
  public void recordMoved(Session session, int id, String identity) {
    session
        .createUpdate(
            """
            UPDATE remote SET identity = :identity, owned = 0, reconcile = 1, failures = 0,
                              retry_at = NULL, error = NULL, backup_at = NULL,
                              failing_since = NULL, succeeded_at = NULL
             WHERE id = :id
            """)
        .bind("identity", identity)
        .bind("id", id)
        .execute();
  }

  public void recordOwned(Session session, int id) {
    session.createUpdate("UPDATE remote SET owned = 1 WHERE id = :id").bind("id", id).execute();
  }

  public void recordReconciled(Session session, int id) {
    session.createUpdate("UPDATE remote SET reconcile = 0 WHERE id = :id").bind("id", id).execute();
  }

  /** Records that the whole remote failed, and when to try it again. */
  public void recordFailure(
      Session session, int id, String error, long retryAtMillis, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE remote SET failures = failures + 1, error = :error, retry_at = :retry,
                              failing_since = COALESCE(failing_since, :now)
             WHERE id = :id
            """)
        .bind("now", nowMillis)
        .bind("error", error)
        .bind("retry", retryAtMillis)
        .bind("id", id)
        .execute();
  }

  public void recordWell(Session session, int id) {
    session
        .createUpdate(
            """
            UPDATE remote SET failures = 0, error = NULL, retry_at = NULL, failing_since = NULL
             WHERE id = :id AND (failures > 0 OR error IS NOT NULL)
            """)
        .bind("id", id)
        .execute();
  }

  public void recordLastSync(Session session, int id, RemoteRow.LastSync last) {
    session
        .createUpdate(
            """
            UPDATE remote SET last_run_id = :runId, last_state = :state, last_begin_at = :begin,
                              last_end_at = :end, last_uploaded = :uploaded, last_bytes = :bytes,
                              succeeded_at = CASE WHEN :state IN ('succeeded', 'partial')
                                                  THEN :end ELSE succeeded_at END
             WHERE id = :id
            """)
        .bind("runId", last.runId())
        .bind("state", last.state())
        .bind("begin", last.beginMillis())
        .bind("end", last.endMillis())
        .bind("uploaded", last.uploaded())
        .bind("bytes", last.bytes())
        .bind("id", id)
        .execute();
  }

  public void recordBackup(Session session, int id, long nowMillis) {
    session
        .createUpdate("UPDATE remote SET backup_at = :now WHERE id = :id")
        .bind("now", nowMillis)
        .bind("id", id)
        .execute();
  }

  private static RemoteRow map(ResultSet rs) throws SQLException {
    Optional<RemoteRow.LastSync> last = Optional.empty();
    if (rs.getString("last_run_id") != null) {
      last =
          Optional.of(
              new RemoteRow.LastSync(
                  rs.getString("last_run_id"),
                  rs.getString("last_state"),
                  rs.getLong("last_begin_at"),
                  rs.getLong("last_end_at"),
                  rs.getLong("last_uploaded"),
                  rs.getLong("last_bytes")));
    }
    return new RemoteRow(
        rs.getInt("id"),
        rs.getString("name"),
        rs.getString("identity"),
        rs.getBoolean("owned"),
        rs.getBoolean("reconcile"),
        rs.getInt("failures"),
        rs.getLong("retry_at"),
        Optional.ofNullable(rs.getString("error")),
        last,
        rs.getLong("backup_at"),
        rs.getLong("failing_since"),
        rs.getLong("succeeded_at"));
  }
}
