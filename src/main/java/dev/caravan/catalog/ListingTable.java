package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.event.StorePath;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a remote was seen to hold, while a catalog that knows nothing of it is made to. Changes are
 * made on a session of the catalog's writer.
 */
public final class ListingTable {

  /** One object of a listing. */
  public record Listed(StorePath path, long sizeBytes, long modifiedNs, Optional<String> etag) {}

  private final Catalog catalog;

  ListingTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public void insert(Session session, int remote, Collection<Listed> objects) {
    if (objects.isEmpty()) {
      return;
    }
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT OR REPLACE INTO listing (remote, path, size, modified_ns, etag)
            VALUES (:remote, :path, :size, :modified, :etag)
            """);
    for (Listed object : objects) {
      batch
          .bind("remote", remote)
          .bind("path", object.path().value())
          .bind("size", object.sizeBytes())
          .bind("modified", object.modifiedNs())
          .bind("etag", object.etag().orElse(null))
          .add();
    }
  }

  public void clear(Session session, int remote) {
    session
        .createUpdate("DELETE FROM listing WHERE remote = :remote")
        .bind("remote", remote)
        .execute();
  }

  /** True while what the remote was seen to hold is kept here. */
  public boolean isListed(int remote) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT EXISTS (SELECT 1 FROM listing WHERE remote = :remote)")
                .bind("remote", remote)
                .mapToBoolean()
                .one());
  }

  /** The size under which the remote listed this file. */
  public Optional<Long> findSize(int remote, StorePath path) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT size FROM listing WHERE remote = :remote AND path = :path")
                .bind("remote", remote)
                .bind("path", path.value())
                .mapToLong()
                .findOne());
  }

  /** Objects that are no file of the catalog, in path order. */
  public List<Listed> unknown(int remote, Optional<StorePath> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT path, size, modified_ns, etag FROM listing l
                     WHERE remote = :remote AND path > :after
                       AND NOT EXISTS (SELECT 1 FROM copy c
                                        WHERE c.path = l.path AND c.remote = l.remote)
                     ORDER BY path LIMIT :limit
                    """)
                .bind("remote", remote)
                .bind("after", after.map(StorePath::value).orElse(""))
                .bind("limit", limit)
                .map(
                    rs ->
                        new Listed(
                            StorePath.of(rs.getString(1)),
                            rs.getLong(2),
                            rs.getLong(3),
                            Optional.ofNullable(rs.getString(4))))
                .list());
  }
}
