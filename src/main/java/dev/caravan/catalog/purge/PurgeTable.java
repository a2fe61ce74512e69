package dev.caravan.catalog.purge;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The files of the store in the order in which they may leave it, and what is proven of each.
 * Changes are made on a session of the catalog's writer.
 */
public final class PurgeTable {

  private static final String BY_CHANGE = "f.modified_ns";
  private static final String BY_READ = "COALESCE(f.read_at * 1000000, f.modified_ns)";

  /** A copy of the file's own current content, shown by the remote when it was put there. */
  private static final String PROVEN =
      """
       c.state = 'verified' AND c.sha256 = f.sha256 AND c.size = f.size AND f.stale = 0
         AND c.proof IN ('server_checked', 'read_back', 'recorded') AND c.remote IN (<remotes>)
      """;

  private final Catalog catalog;

  public PurgeTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A file of the store.
   *
   * @param usedNs what the order is by: the last change, or the last read
   * @param readMillis when it was last read through Caravan; 0 for never
   * @param missing whether the last look did not find it
   * @param proven how many remotes were shown to hold exactly its current version
   */
  public record Candidate(
      StorePath path,
      long sizeBytes,
      long usedNs,
      long modifiedNs,
      long readMillis,
      boolean missing,
      int proven) {}

  /**
   * One page of the files in the store, the longest unused first. A file that changes meanwhile may
   * move behind the page, never before it.
   *
   * @param byRead by the last read, else by the last change
   * @param remotes ids of the remotes whose copies count
   * @param after the last one of the page before
   */
  public List<Candidate> page(
      boolean byRead, Collection<Integer> remotes, Optional<Candidate> after, int limit) {
    // The proofs are counted for the page only, not for every file that is sorted.
    String sql =
        """
        SELECT f.path, f.size, f.used, f.modified_ns, COALESCE(f.read_at, 0), f.missing_looks > 0,
               (SELECT COUNT(*) FROM copy c WHERE c.path = f.path AND %s) AS proven
          FROM (SELECT f.path, f.size, f.modified_ns, f.read_at, f.missing_looks, f.sha256, f.stale,
                       %s AS used
                  FROM file f
                 WHERE f.state = 'present' AND (%s, f.path) > (:used, :path)
                 ORDER BY used, f.path LIMIT :limit) f
         ORDER BY f.used, f.path
        """
            .formatted(PROVEN, byRead ? BY_READ : BY_CHANGE, byRead ? BY_READ : BY_CHANGE);
    return catalog.read(
        session ->
            session
                .createQuery(sql)
                .bindList("remotes", idsOf(remotes))
                .bind("used", after.map(Candidate::usedNs).orElse(Long.MIN_VALUE))
                .bind("path", after.map(last -> last.path().value()).orElse(""))
                .bind("limit", limit)
                .map(PurgeTable::candidate)
                .list());
  }

  private static Candidate candidate(ResultSet rs) throws SQLException {
    return new Candidate(
        StorePath.of(rs.getString(1)),
        rs.getLong(2),
        rs.getLong(3),
        rs.getLong(4),
        rs.getLong(5),
        rs.getBoolean(6),
        rs.getInt(7));
  }

  private static List<Integer> idsOf(Collection<Integer> remotes) {
    return remotes.isEmpty() ? List.of(-1) : List.copyOf(remotes);
  }

  /**
   * What one remote was shown to hold of a file's current version.
   *
   * @param etag its name of that content then
   * @param version its version id then
   */
  public record Proof(int remote, Optional<String> etag, Optional<String> version) {}

  /** The proofs of a file's current version, as they are recorded now. */
  public List<Proof> proofs(StorePath path, Collection<Integer> remotes) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    "SELECT c.remote, c.etag, c.version FROM copy c JOIN file f ON f.path = c.path"
                        + " WHERE c.path = :path AND f.state = 'present' AND "
                        + PROVEN)
                .bind("path", path.value())
                .bindList("remotes", idsOf(remotes))
                .map(
                    rs ->
                        new Proof(
                            rs.getInt(1),
                            Optional.ofNullable(rs.getString(2)),
                            Optional.ofNullable(rs.getString(3))))
                .list());
  }

  /**
   * Records that a file leaves the disk; its copies at the remotes are the file from here on.
   *
   * @param version exactly the version that was looked at and asked for
   * @param remotes all of which were asked a moment ago
   * @return false when the catalog does not say the same any more; nothing is recorded then
   */
  public boolean recordPurged(Session session, FileRow version, Collection<Integer> remotes) {
    return session
            .createUpdate(
                """
                UPDATE file AS f SET state = 'purged', missing_looks = 0, missing_at = NULL
                 WHERE f.path = :path AND f.state = 'present' AND f.stale = 0
                   AND f.sha256 = :sha256 AND f.missing_looks = 0 AND f.size = :size
                   AND f.modified_ns = :modified AND f.changed_ns = :changed AND f.inode = :inode
                   AND :copies = (SELECT COUNT(*) FROM copy c WHERE c.path = :path AND
                """
                    + PROVEN
                    + ")")
            .bind("path", version.path().value())
            .bind("sha256", version.sha256().orElseThrow())
            .bind("size", version.sizeBytes())
            .bind("modified", version.modifiedNs())
            .bind("changed", version.changedNs())
            .bind("inode", version.inode())
            .bind("copies", remotes.size())
            .bindList("remotes", idsOf(remotes))
            .execute()
        == 1;
  }

  /** Records that a file did not leave the disk after all; the next look says what lies there. */
  public void recordKept(Session session, StorePath path) {
    session
        .createUpdate("UPDATE file SET state = 'present' WHERE path = :path AND state = 'purged'")
        .bind("path", path.value())
        .execute();
  }
}
