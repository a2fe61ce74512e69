package dev.caravan.catalog.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileTable;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.event.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a catalog that a remote keeps beside the files. A new machine learns from it what it
 * would have to ask the remote file by file: checksums, times and permissions.
 */
public final class CatalogCopy implements AutoCloseable {

  private static final int PAGE = 1_000;

  /** The remote listed this very object; one that names no content is told by its time. */
  private static final String AGREES =
      """
       WHERE EXISTS (SELECT 1 FROM listing l
                      WHERE l.remote = :remote AND l.path = :path AND l.size = :size
                        AND (l.etag = :etag
                             OR ((l.etag IS NULL OR :etag IS NULL)
                                 AND l.modified_ns / 1000000000 = :modified / 1000000000)))
      """;

  private static final String FILE =
      """
      INSERT INTO file (path, state, size, modified_ns, changed_ns, inode, device, mode,
                        uid, gid, sha256, stale, seen_at, known_at)
      SELECT :path, 'purged', :size, :modified, 0, 0, 0, :mode, :uid, :gid, :sha256, 0, :now,
             :known
      """
          + AGREES
          + " ON CONFLICT (path) DO NOTHING";

  private static final String COPY =
      """
      INSERT INTO copy (path, remote, state, sha256, size, etag, version, proof, verified_at,
                        stored_at)
      SELECT :path, :remote, 'verified', :sha256, :size, :etag, :version, :proof, :verified,
             :stored
      """
          + AGREES
          + """
             AND EXISTS (SELECT 1 FROM file f
                          WHERE f.path = :path AND f.stale = 0 AND f.sha256 = :sha256)
          ON CONFLICT (path, remote) DO NOTHING
          """;

  private final Catalog copy;

  private CatalogCopy(Catalog copy) {
    this.copy = copy;
  }

  /** Empties the folder of what an earlier copy left there. */
  public static void clear(Path folder) throws IOException {
    for (String suffix : List.of("", "-wal", "-shm", ".checked", ".suspect")) {
      Files.deleteIfExists(folder.resolve(Catalog.FILE_NAME + suffix));
    }
  }

  /**
   * Opens a copy that lies under the catalog's name in a folder of its own.
   *
   * @throws dev.caravan.catalog.CatalogException when it is damaged, or newer than this Caravan
   */
  public static CatalogCopy open(Path folder) {
    return new CatalogCopy(Catalog.open(folder));
  }

  /** One file that was proven to lie at the remote when the copy was made. */
  private record Known(
      String path,
      long sizeBytes,
      long modifiedNs,
      int mode,
      Optional<Owner> owner,
      String sha256,
      Optional<String> etag,
      Optional<String> version,
      Optional<String> proof,
      long verifiedMillis,
      @Nullable Long storedMillis,
      @Nullable Long knownMillis) {}

  /**
   * Takes over what it says of a remote, as far as the listing of that remote in the new catalog
   * agrees: the copy may be older than the last upload.
   *
   * @param name of the remote
   * @param remote its number in the new catalog
   */
  public void takeOver(Catalog into, String name, int remote, long nowMillis) {
    String after = "";
    while (true) {
      List<Known> page = page(name, after);
      if (page.isEmpty()) {
        break;
      }
      into.commit(session -> insert(session, page, remote, nowMillis));
      after = page.get(page.size() - 1).path();
    }
    new TrashCopy(copy, name).takeOver(into, remote);
  }

  private static @Nullable Long number(ResultSet rs, int column) throws SQLException {
    long value = rs.getLong(column);
    return rs.wasNull() ? null : value;
  }

  /** Takes over the folders and links that it knows of; what is known already stays. */
  public void takeOverNodes(Catalog into) {
    NodeTable from = new NodeTable(copy);
    NodeTable to = new NodeTable(into);
    String after = "";
    while (true) {
      List<NodeRow> page = from.page("", after, PAGE);
      if (page.isEmpty()) {
        return;
      }
      into.commit(session -> to.recordKnown(session, page));
      after = page.get(page.size() - 1).key();
    }
  }

  private List<Known> page(String name, String after) {
    return copy.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT f.path, f.size, f.modified_ns, f.mode, f.sha256,
                           c.etag, c.version, c.proof, c.verified_at, c.stored_at, f.known_at,
                           f.uid, f.gid
                      FROM file f
                      JOIN remote r ON r.name = :name
                      JOIN copy c ON c.path = f.path AND c.remote = r.id
                     WHERE f.path > :after AND f.state IN ('present', 'purged') AND f.stale = 0
                       AND c.state = 'verified' AND c.sha256 = f.sha256
                     ORDER BY f.path LIMIT :limit
                    """)
                .bind("name", name)
                .bind("after", after)
                .bind("limit", PAGE)
                .map(
                    rs ->
                        new Known(
                            rs.getString(1),
                            rs.getLong(2),
                            rs.getLong(3),
                            rs.getInt(4),
                            FileTable.ownerOf(rs, 12),
                            rs.getString(5),
                            Optional.ofNullable(rs.getString(6)),
                            Optional.ofNullable(rs.getString(7)),
                            Optional.ofNullable(rs.getString(8)),
                            rs.getLong(9),
                            number(rs, 10),
                            number(rs, 11)))
                .list());
  }

  private static void insert(Session session, List<Known> page, int remote, long nowMillis) {
    SqlBatch files = session.prepareBatch(FILE);
    SqlBatch copies = session.prepareBatch(COPY);
    for (Known each : page) {
      bind(files, each, remote)
          .bind("mode", each.mode())
          .bind("uid", each.owner().map(Owner::uid).orElse(null))
          .bind("gid", each.owner().map(Owner::gid).orElse(null))
          .bind("now", nowMillis)
          .bind("known", each.knownMillis())
          .add();
      bind(copies, each, remote)
          .bind("version", each.version().orElse(null))
          .bind("proof", each.proof().orElse(null))
          .bind("verified", each.verifiedMillis())
          .bind("stored", each.storedMillis())
          .add();
    }
  }

  private static SqlBatch bind(SqlBatch batch, Known each, int remote) {
    return batch
        .bind("path", each.path())
        .bind("remote", remote)
        .bind("size", each.sizeBytes())
        .bind("modified", each.modifiedNs())
        .bind("sha256", each.sha256())
        .bind("etag", each.etag().orElse(null));
  }

  @Override
  public void close() {
    copy.close();
  }
}
