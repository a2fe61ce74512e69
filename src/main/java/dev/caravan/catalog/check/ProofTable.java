package dev.caravan.catalog.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlQuery;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What the remotes were proven to hold, and when. Changes are made on a session of the catalog's
 * writer.
 */
public final class ProofTable {

  /** What a remote is known to hold of a file that its owner has not deleted. */
  private static final String KNOWN =
      """
       c.remote = :remote AND c.sha256 IS NOT NULL AND c.proof <> 'none' AND f.state <> 'deleted'
      """;

  private static final String SELECT =
      """
      SELECT c.path, f.state = 'purged', f.stale = 0 AND f.sha256 = c.sha256, c.sha256, c.size,
             c.etag, c.verified_at
        FROM copy c JOIN file f ON f.path = c.path
      """;

  private final Catalog catalog;

  public ProofTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * What one remote was proven to hold under a file's name.
   *
   * @param purged whether the file left the disk, so that its copies are the file
   * @param current whether this is the file's current content
   * @param etag the remote's name of that content then
   * @param verifiedMillis when that was last proven
   */
  public record Proof(
      StorePath path,
      boolean purged,
      boolean current,
      String sha256,
      long sizeBytes,
      Optional<String> etag,
      long verifiedMillis) {

    /** True when nothing was sent or proven between the two looks at the catalog. */
    public boolean isSameAs(Proof other) {
      return sha256.equals(other.sha256) && verifiedMillis == other.verifiedMillis;
    }
  }

  /** How many proofs there are, and the bytes they speak of. */
  public record Total(long files, long bytes) {}

  public Total count(int remote) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    "SELECT COUNT(*), COALESCE(SUM(c.size), 0) FROM copy c"
                        + " JOIN file f ON f.path = c.path WHERE"
                        + KNOWN)
                .bind("remote", remote)
                .map(rs -> new Total(rs.getLong(1), rs.getLong(2)))
                .one());
  }

  /** All that a remote was proven to hold, in path order. */
  public List<Proof> page(int remote, Optional<StorePath> after, int limit) {
    return page(SELECT + " WHERE" + KNOWN, remote, after, limit);
  }

  /**
   * The same, but only what the listing in {@link SeenTable} does not show, or not of this size.
   */
  public List<Proof> unlike(int remote, Optional<StorePath> after, int limit) {
    return page(
        SELECT
            + " LEFT JOIN check_listing l ON l.remote = c.remote AND l.path = c.path WHERE"
            + KNOWN
            + " AND (l.size IS NULL OR l.size <> c.size)",
        remote,
        after,
        limit);
  }

  private List<Proof> page(String sql, int remote, Optional<StorePath> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(sql + " AND c.path > :after ORDER BY c.path LIMIT :limit")
                .bind("remote", remote)
                .bind("after", after.map(StorePath::value).orElse(""))
                .bind("limit", limit)
                .map(ProofTable::map)
                .list());
  }

  private static Proof map(ResultSet rs) throws SQLException {
    return new Proof(
        StorePath.of(rs.getString(1)),
        rs.getBoolean(2),
        rs.getBoolean(3),
        rs.getString(4),
        rs.getLong(5),
        Optional.ofNullable(rs.getString(6)),
        rs.getLong(7));
  }

  /** What one remote is proven to hold of one file, as it is recorded now. */
  public Optional<Proof> find(int remote, StorePath path) {
    return catalog.read(
        session -> {
          SqlQuery query = session.createQuery(SELECT + " WHERE" + KNOWN + " AND c.path = :path");
          return query
              .bind("remote", remote)
              .bind("path", path.value())
              .map(ProofTable::map)
              .findOne();
        });
  }

  /** How many proofs are older than that. */
  public long countOlder(int remote, long millis) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    "SELECT COUNT(*) FROM copy c JOIN file f ON f.path = c.path WHERE"
                        + KNOWN
                        + " AND c.verified_at < :millis")
                .bind("remote", remote)
                .bind("millis", millis)
                .mapToLong()
                .one());
  }

  /** What was proven the longest ago, in that order. */
  public List<Proof> oldest(int remote, Optional<Proof> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    SELECT
                        + " WHERE"
                        + KNOWN
                        + " AND (c.verified_at, c.path) > (:verified, :path)"
                        + " ORDER BY c.verified_at, c.path LIMIT :limit")
                .bind("remote", remote)
                .bind("verified", after.map(Proof::verifiedMillis).orElse(-1L))
                .bind("path", after.map(proof -> proof.path().value()).orElse(""))
                .bind("limit", limit)
                .map(ProofTable::map)
                .list());
  }

  /** The proof at this place in path order, counted from 0; empty behind the last one. */
  public Optional<Proof> at(int remote, long place) {
    return catalog.read(
        session ->
            session
                .createQuery(SELECT + " WHERE" + KNOWN + " ORDER BY c.path LIMIT 1 OFFSET :place")
                .bind("remote", remote)
                .bind("place", place)
                .map(ProofTable::map)
                .findOne());
  }

  /** Records that every byte was read again at the remote and is what was proven before. */
  public void recordProven(Session session, int remote, Proof proof, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE copy SET proof = CASE proof WHEN 'snapshot' THEN proof ELSE 'read_back' END,
                            verified_at = :now
             WHERE path = :path AND remote = :remote AND sha256 = :sha256
               AND COALESCE(verified_at, 0) = :verified
            """)
        .bind("now", nowMillis)
        .bind("path", proof.path().value())
        .bind("remote", remote)
        .bind("sha256", proof.sha256())
        .bind("verified", proof.verifiedMillis())
        .execute();
  }

  /**
   * Records that a remote does not hold what it was proven to hold. Of a file that is in the store
   * the next sync sends the current version; a file that left the disk stays purged, and this copy
   * counts for nothing.
   *
   * @param reason for people
   * @return false when the catalog has learnt of something newer meanwhile; nothing changes then
   */
  public boolean recordUnproven(
      Session session, int remote, Proof proof, String reason, long nowMillis) {
    return session
            .createUpdate(
                """
                UPDATE copy SET state = 'failed', sha256 = NULL, size = NULL, etag = NULL,
                                version = NULL, proof = NULL, verified_at = NULL,
                                pending_at = :now, attempts = 0, retry_at = NULL, reason = :reason
                 WHERE path = :path AND remote = :remote AND sha256 = :sha256
                   AND COALESCE(verified_at, 0) = :verified
                """)
            .bind("now", nowMillis)
            .bind("reason", reason)
            .bind("path", proof.path().value())
            .bind("remote", remote)
            .bind("sha256", proof.sha256())
            .bind("verified", proof.verifiedMillis())
            .execute()
        == 1;
  }
}
