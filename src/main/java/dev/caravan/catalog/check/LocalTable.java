package dev.caravan.catalog.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.FileTable;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What the files of the store were when they were hashed. Changes are made on a session of the
 * catalog's writer.
 */
public final class LocalTable {

  /** The catalog still says of a file what it said when the file was looked at. */
  private static final String STILL =
      """
       path = :path AND state = 'present' AND stale = 0 AND sha256 = :sha256
         AND missing_looks = 0 AND size = :size AND modified_ns = :modified
         AND changed_ns = :changed AND inode = :inode
         AND EXISTS (SELECT 1 FROM copy c WHERE c.path = :path AND c.remote = :remote
                        AND c.state = 'verified' AND c.sha256 = :sha256)
      """;

  private final Catalog catalog;

  public LocalTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Files that should be in the store, and whose content is known, in path order. */
  public List<FileRow> page(Optional<StorePath> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT path, size, modified_ns, changed_ns, inode, device, mode, sha256,
                           uid, gid
                      FROM file
                     WHERE state = 'present' AND missing_looks = 0 AND stale = 0
                       AND sha256 IS NOT NULL AND path > :after
                     ORDER BY path LIMIT :limit
                    """)
                .bind("after", after.map(StorePath::value).orElse(""))
                .bind("limit", limit)
                .map(LocalTable::file)
                .list());
  }

  private static FileRow file(ResultSet rs) throws SQLException {
    return new FileRow(
        StorePath.of(rs.getString(1)),
        FileRow.State.PRESENT,
        rs.getLong(2),
        rs.getLong(3),
        rs.getLong(4),
        rs.getLong(5),
        rs.getLong(6),
        rs.getInt(7),
        Optional.of(rs.getString(8)),
        0,
        FileTable.ownerOf(rs, 9));
  }

  public ProofTable.Total count() {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT COUNT(*), COALESCE(SUM(size), 0) FROM file
                     WHERE state = 'present' AND missing_looks = 0 AND stale = 0
                       AND sha256 IS NOT NULL
                    """)
                .map(rs -> new ProofTable.Total(rs.getLong(1), rs.getLong(2)))
                .one());
  }

  /**
   * Records that a file is at its remotes only, for it is missing in the store. Never of a file
   * that lies there damaged: the next look would take it for a new version.
   *
   * @param version exactly the version that was hashed
   * @param remote one that was read a moment ago, and holds it
   * @return false when the catalog does not say the same any more; nothing is recorded then
   */
  public boolean recordAway(Session session, FileRow version, int remote) {
    return session
            .createUpdate("UPDATE file SET state = 'purged' WHERE" + STILL)
            .bind("path", version.path().value())
            .bind("sha256", version.sha256().orElseThrow())
            .bind("size", version.sizeBytes())
            .bind("modified", version.modifiedNs())
            .bind("changed", version.changedNs())
            .bind("inode", version.inode())
            .bind("remote", remote)
            .execute()
        == 1;
  }

  /** True when the catalog says the same as {@link #recordAway} asks for; nothing is recorded. */
  public boolean isStill(Session session, FileRow version, int remote) {
    return session
        .createQuery("SELECT EXISTS (SELECT 1 FROM file WHERE" + STILL + ")")
        .bind("path", version.path().value())
        .bind("sha256", version.sha256().orElseThrow())
        .bind("size", version.sizeBytes())
        .bind("modified", version.modifiedNs())
        .bind("changed", version.changedNs())
        .bind("inode", version.inode())
        .bind("remote", remote)
        .mapToBoolean()
        .one();
  }

  /**
   * Records that a good copy took the place of a damaged file.
   *
   * @param good what was seen of the good copy; surely that, and not what came there since
   */
  public void recordMended(Session session, String sha256, FileRow good) {
    session
        .createUpdate(
            """
            UPDATE file
               SET size = :size, modified_ns = :modified, changed_ns = :changed, inode = :inode,
                   device = :device, mode = :mode, stale = 0, missing_looks = 0, missing_at = NULL
             WHERE path = :path AND state = 'present' AND sha256 = :sha256
            """)
        .bind("size", good.sizeBytes())
        .bind("modified", good.modifiedNs())
        .bind("changed", good.changedNs())
        .bind("inode", good.inode())
        .bind("device", good.device())
        .bind("mode", good.mode())
        .bind("path", good.path().value())
        .bind("sha256", sha256)
        .execute();
  }

  /**
   * Records that a file is at its remotes only, for nothing lies under its name any more since its
   * repair broke off.
   *
   * @return false when no remote is known to hold it, or the catalog knows something newer
   */
  public boolean recordLost(Session session, StorePath path, String sha256) {
    return session
            .createUpdate(
                """
                UPDATE file SET state = 'purged', missing_looks = 0, missing_at = NULL
                 WHERE path = :path AND state = 'present' AND stale = 0 AND sha256 = :sha256
                   AND EXISTS (SELECT 1 FROM copy c WHERE c.path = :path
                                  AND c.state = 'verified' AND c.sha256 = :sha256)
                """)
            .bind("path", path.value())
            .bind("sha256", sha256)
            .execute()
        == 1;
  }

  /** Records that a file is in the store after all; the next look says what lies there. */
  public void recordStays(Session session, StorePath path) {
    session
        .createUpdate("UPDATE file SET state = 'present' WHERE path = :path AND state = 'purged'")
        .bind("path", path.value())
        .execute();
  }
}
