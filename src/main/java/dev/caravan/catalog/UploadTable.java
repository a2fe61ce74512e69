package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import java.time.Instant;
import java.util.List;

/**
 * Uploads in progress that would leave something behind at the remote if they were interrupted.
 * Changes are made on a session of the catalog's writer.
 */
public final class UploadTable {

  /** One such upload. */
  public record Begun(String path, Instant begunAt) {}

  private final Catalog catalog;

  UploadTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public void recordBegun(Session session, int remote, String path, long nowMillis) {
    session
        .createUpdate(
            """
            INSERT INTO upload (remote, path, begun_at) VALUES (:remote, :path, :now)
            ON CONFLICT (remote, path) DO NOTHING
            """)
        .bind("remote", remote)
        .bind("path", path)
        .bind("now", nowMillis)
        .execute();
  }

  public void recordEnded(Session session, int remote, String path) {
    session
        .createUpdate("DELETE FROM upload WHERE remote = :remote AND path = :path")
        .bind("remote", remote)
        .bind("path", path)
        .execute();
  }

  public List<Begun> list(int remote) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT path, begun_at FROM upload WHERE remote = :remote")
                .bind("remote", remote)
                .map(rs -> new Begun(rs.getString(1), Instant.ofEpochMilli(rs.getLong(2))))
                .list());
  }
}
