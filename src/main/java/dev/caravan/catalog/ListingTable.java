package dev.caravan.catalog;

import dev.caravan.event.StorePath;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * What a remote was seen to hold, while a catalog that knows nothing of it is made to. Changes are
 * made on a handle of the catalog's writer.
 */
public final class ListingTable {

  /** One object of a listing. */
  public record Listed(StorePath path, long sizeBytes, long modifiedNs, Optional<String> etag) {}

  private final Catalog catalog;

  ListingTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public void insert(Handle handle, int remote, Collection<Listed> objects) {
    if (objects.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
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
    batch.execute();
  }

  public void clear(Handle handle, int remote) {
    handle
        .createUpdate("DELETE FROM listing WHERE remote = :remote")
        .bind("remote", remote)
        .execute();
  }

  /** The size under which the remote listed this file. */
  public Optional<Long> findSize(int remote, StorePath path) {
    return catalog.read(
        handle ->
            handle
                .createQuery("SELECT size FROM listing WHERE remote = :remote AND path = :path")
                .bind("remote", remote)
                .bind("path", path.value())
                .mapTo(Long.class)
                .findOne());
  }

  /** Objects that are no file of the catalog, in path order. */
  public List<Listed> unknown(int remote, Optional<StorePath> after, int limit) {
    return catalog.read(
        handle ->
            handle
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
                    (rs, context) ->
                        new Listed(
                            StorePath.of(rs.getString(1)),
                            rs.getLong(2),
                            rs.getLong(3),
                            Optional.ofNullable(rs.getString(4))))
                .list());
  }
}
