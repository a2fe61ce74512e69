package dev.caravan.catalog.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import java.util.Collection;
import java.util.List;

/**
 * What a remote was seen to hold, while a check compares it with the catalog. Changes are made on a
 * session of the catalog's writer.
 */
public final class SeenTable {

  private final Catalog catalog;

  public SeenTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * One object of a listing.
   *
   * @param key as the remote says it; need not be the name of a file
   */
  public record Seen(String key, long sizeBytes) {}

  public void insert(Session session, int remote, Collection<Seen> objects) {
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT OR REPLACE INTO check_listing (remote, path, size)
            VALUES (:remote, :path, :size)
            """);
    for (Seen object : objects) {
      batch
          .bind("remote", remote)
          .bind("path", object.key())
          .bind("size", object.sizeBytes())
          .add();
    }
  }

  public void clear(Session session, int remote) {
    session
        .createUpdate("DELETE FROM check_listing WHERE remote = :remote")
        .bind("remote", remote)
        .execute();
  }

  /** Objects that are no file of the catalog, in the order of their keys. */
  public List<Seen> unknown(int remote, String after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT path, size FROM check_listing l
                     WHERE remote = :remote AND path > :after
                       AND NOT EXISTS (SELECT 1 FROM copy c
                                        WHERE c.path = l.path AND c.remote = l.remote)
                     ORDER BY path LIMIT :limit
                    """)
                .bind("remote", remote)
                .bind("after", after)
                .bind("limit", limit)
                .map(rs -> new Seen(rs.getString(1), rs.getLong(2)))
                .list());
  }

  /** True when the catalog knows of something that the remote holds, or may hold, under the key. */
  public boolean isKnown(int remote, String key) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    "SELECT EXISTS (SELECT 1 FROM copy WHERE path = :path AND remote = :remote)")
                .bind("path", key)
                .bind("remote", remote)
                .mapToBoolean()
                .one());
  }
}
