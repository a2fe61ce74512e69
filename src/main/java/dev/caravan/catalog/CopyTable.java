package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.catalog.sql.SqlValues;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What the remotes hold. Changes are made on a session of the catalog's writer. */
public final class CopyTable {

  private static final String SELECT =
      """
      SELECT f.path, f.state, f.size, f.modified_ns, f.changed_ns, f.inode, f.device, f.mode,
             CASE f.stale WHEN 0 THEN f.sha256 END AS sha256, f.missing_looks, f.uid, f.gid,
             c.state AS copy_state, c.sha256 AS held_sha256, c.size AS held_size,
             c.attempts, c.retry_at, c.reason
        FROM copy c JOIN file f ON f.path = c.path
      """;

  private final Catalog catalog;

  CopyTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Records that every remote needs these files' current version. */
  public void recordPending(
      Session session, Collection<StorePath> paths, Collection<Integer> remotes, long nowMillis) {
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT INTO copy (path, remote, state, pending_at)
            VALUES (:path, :remote, 'pending', :now)
            ON CONFLICT (path, remote) DO UPDATE
               SET state = 'pending', attempts = 0, retry_at = NULL, reason = NULL,
                   pending_at = CASE copy.state WHEN 'verified' THEN excluded.pending_at
                                ELSE COALESCE(copy.pending_at, excluded.pending_at) END
            """);
    for (StorePath path : paths) {
      for (int remote : remotes) {
        batch.bind("path", path.value()).bind("remote", remote).bind("now", nowMillis).add();
      }
    }
  }

  /**
   * Records that a remote new to the configuration, or back in it, needs every file. Of what it was
   * proven to hold, only what is still the file's content stays proven.
   */
  public void recordAllPending(Session session, int remote, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE copy SET state = 'pending', pending_at = :now, attempts = 0, retry_at = NULL,
                            reason = NULL
             WHERE remote = :remote AND state = 'verified'
               AND NOT EXISTS (SELECT 1 FROM file f WHERE f.path = copy.path
                                  AND f.stale = 0 AND f.sha256 = copy.sha256)
            """)
        .bind("remote", remote)
        .bind("now", nowMillis)
        .execute();
    session
        .createUpdate(
            """
            INSERT INTO copy (path, remote, state, pending_at)
            SELECT path, :remote, 'pending', :now FROM file WHERE state <> 'purged'
            ON CONFLICT (path, remote) DO NOTHING
            """)
        .bind("remote", remote)
        .bind("now", nowMillis)
        .execute();
  }

  /** Records that nothing is known of what a remote holds: it is another place now. */
  public void recordAllUnknown(Session session, int remote, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE copy SET state = 'pending', sha256 = NULL, size = NULL, etag = NULL,
                            version = NULL, proof = NULL, verified_at = NULL, pending_at = :now,
                            attempts = 0, retry_at = NULL, reason = NULL
             WHERE remote = :remote
            """)
        .bind("remote", remote)
        .bind("now", nowMillis)
        .execute();
  }

  /**
   * Records that another version is about to be sent. From here on nothing is known of what lies
   * there, until the new version is verified; without this, a crash after the sending could make an
   * old checksum look current.
   */
  public void recordSending(Session session, StorePath path, int remote) {
    session
        .createUpdate(
            """
            UPDATE copy SET sha256 = NULL, size = NULL, etag = NULL, version = NULL, proof = NULL
             WHERE path = :path AND remote = :remote
            """)
        .bind("path", path.value())
        .bind("remote", remote)
        .execute();
  }

  /**
   * Records that these files are about to be moved away or deleted at a remote. From here on
   * nothing is known of what lies there; without this, a file that comes back after the answer was
   * lost would be taken for one that the remote still holds.
   */
  public void recordLeaving(Session session, Collection<StorePath> paths, int remote) {
    SqlBatch batch =
        session.prepareBatch(
            """
            UPDATE copy SET state = 'pending', sha256 = NULL, size = NULL, etag = NULL,
                            version = NULL, proof = NULL
             WHERE path = :path AND remote = :remote
               AND EXISTS (SELECT 1 FROM file WHERE path = :path AND state = 'deleted')
            """);
    paths.forEach(path -> batch.bind("path", path.value()).bind("remote", remote).add());
  }

  private static final String NEIGHBOURS =
      """
       remote = :remote
         AND (path IN (<above>) OR (path >= :below AND path < :end))
      """;

  /** True when a purged file lies above or below this path at a remote. */
  public boolean wouldDisplacePurged(StorePath path, int remote) {
    return catalog.read(
        session ->
            bindNeighbours(
                    session.createQuery(
                        "SELECT EXISTS (SELECT 1 FROM copy WHERE "
                            + NEIGHBOURS
                            + " AND EXISTS (SELECT 1 FROM file f WHERE f.path = copy.path"
                            + " AND f.state = 'purged'))"),
                    path,
                    remote)
                .mapToBoolean()
                .one());
  }

  /**
   * Records that a remote on which a file and a folder cannot share a name is about to move what
   * lies above or below this path out of the way.
   */
  public void recordDisplaced(Session session, StorePath path, int remote) {
    bindNeighbours(
            session.createUpdate(
                "UPDATE copy SET state = 'pending', sha256 = NULL, size = NULL, etag = NULL,"
                    + " version = NULL, proof = NULL WHERE "
                    + NEIGHBOURS),
            path,
            remote)
        .execute();
  }

  /** True when the catalog knows of a copy above or below this path. */
  public boolean hasNeighbours(StorePath path, int remote) {
    return catalog.read(
        session ->
            bindNeighbours(
                    session.createQuery(
                        "SELECT EXISTS (SELECT 1 FROM copy WHERE " + NEIGHBOURS + ")"),
                    path,
                    remote)
                .mapToBoolean()
                .one());
  }

  private static <S extends SqlValues<S>> S bindNeighbours(S sql, StorePath path, int remote) {
    List<String> above = new ArrayList<>();
    for (String folder = path.folder(); !folder.isEmpty(); folder = StorePath.of(folder).folder()) {
      above.add(folder);
    }
    // A slash is followed by a zero in byte order.
    return sql.bind("remote", remote)
        .bind("below", path.value() + "/")
        .bind("end", path.value() + "0")
        .bindList("above", above.isEmpty() ? List.of("") : above);
  }

  /** What a remote was proven to hold. */
  public record Held(
      String sha256,
      long sizeBytes,
      Optional<String> etag,
      Optional<String> version,
      String proof) {}

  /**
   * Records that a remote holds exactly this version. Where the file has changed since, the copy
   * stays pending, but what the remote holds is known.
   */
  public void recordVerified(Session session, FileRow sent, int remote, Held held, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE copy
               SET sha256 = :sha256, size = :size, etag = :etag, version = :version,
                   proof = :proof, verified_at = CASE :proof WHEN 'none' THEN NULL ELSE :now END,
                   stored_at = CASE sha256 WHEN :sha256 THEN stored_at ELSE :now END,
                   attempts = 0, retry_at = NULL,
                   reason = NULL,
                   state = CASE WHEN EXISTS (
                             SELECT 1 FROM file f
                              WHERE f.path = copy.path AND f.state = 'present'
                                AND f.size = :size AND f.modified_ns = :modified
                                AND f.changed_ns = :changed AND f.inode = :inode)
                           THEN 'verified' ELSE 'pending' END,
                   pending_at = NULL
             WHERE path = :path AND remote = :remote
            """)
        .bind("sha256", held.sha256())
        .bind("size", held.sizeBytes())
        .bind("etag", held.etag().orElse(null))
        .bind("version", held.version().orElse(null))
        .bind("proof", held.proof())
        .bind("now", nowMillis)
        .bind("modified", sent.modifiedNs())
        .bind("changed", sent.changedNs())
        .bind("inode", sent.inode())
        .bind("path", sent.path().value())
        .bind("remote", remote)
        .execute();
  }

  /** Records that a remote still holds the current content: only the file's times had changed. */
  public void recordStillHeld(Session session, FileRow seen, int remote) {
    session
        .createUpdate(
            """
            UPDATE copy SET state = 'verified', pending_at = NULL, attempts = 0, retry_at = NULL,
                            reason = NULL
             WHERE path = :path AND remote = :remote AND sha256 = :sha256
            """)
        .bind("path", seen.path().value())
        .bind("remote", remote)
        .bind("sha256", seen.sha256().orElseThrow())
        .execute();
  }

  /** Records that a try failed, and when to try again. */
  public void recordFailed(
      Session session, StorePath path, int remote, String reason, long retryAtMillis) {
    session
        .createUpdate(
            """
            UPDATE copy SET state = 'failed', attempts = attempts + 1, retry_at = :retry,
                            reason = :reason
             WHERE path = :path AND remote = :remote AND state <> 'verified'
            """)
        .bind("path", path.value())
        .bind("remote", remote)
        .bind("retry", retryAtMillis)
        .bind("reason", reason)
        .execute();
  }

  /** Records what a remote holds of a file that lies nowhere else, found while rebuilding. */
  public void recordFound(Session session, StorePath path, int remote, Held held, long nowMillis) {
    session
        .createUpdate(
            """
            INSERT INTO copy (path, remote, state, sha256, size, etag, version, proof, verified_at)
            VALUES (:path, :remote, 'verified', :sha256, :size, :etag, :version, :proof, :now)
            ON CONFLICT (path, remote) DO NOTHING
            """)
        .bind("path", path.value())
        .bind("remote", remote)
        .bind("sha256", held.sha256())
        .bind("size", held.sizeBytes())
        .bind("etag", held.etag().orElse(null))
        .bind("version", held.version().orElse(null))
        .bind("proof", held.proof())
        .bind("now", nowMillis)
        .execute();
  }

  /** Records that a remote was told of these deletions. */
  public void recordGone(Session session, Collection<StorePath> paths, int remote) {
    SqlBatch batch =
        session.prepareBatch(
            """
            DELETE FROM copy WHERE path = :path AND remote = :remote
               AND EXISTS (SELECT 1 FROM file WHERE path = :path AND state = 'deleted')
            """);
    paths.forEach(path -> batch.bind("path", path.value()).bind("remote", remote).add());
  }

  /** Files of the store whose current version a remote is not known to hold, in path order. */
  public List<CopyRow> open(int remote, Optional<StorePath> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    SELECT
                        + """
                         WHERE c.remote = :remote AND c.state <> 'verified' AND c.path > :after
                           AND f.state = 'present' AND f.missing_looks = 0
                         ORDER BY c.path LIMIT :limit
                        """)
                .bind("remote", remote)
                .bind("after", after.map(StorePath::value).orElse(""))
                .bind("limit", limit)
                .map(CopyTable::map)
                .list());
  }

  /** How many files, and bytes, {@link #open} would visit. */
  public record Pending(long files, long bytes) {}

  public Pending countOpen(int remote) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT COUNT(*), COALESCE(SUM(f.size), 0)
                      FROM copy c JOIN file f ON f.path = c.path
                     WHERE c.remote = :remote AND c.state <> 'verified'
                       AND f.state = 'present' AND f.missing_looks = 0
                    """)
                .bind("remote", remote)
                .map(rs -> new Pending(rs.getLong(1), rs.getLong(2)))
                .one());
  }

  /** Deleted files that a remote may be told of by now, in path order. */
  public List<StorePath> deletions(int remote, Optional<StorePath> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT f.path FROM file f INDEXED BY file_not_present
                      JOIN copy c ON c.path = f.path AND c.remote = :remote
                     WHERE f.state = 'deleted' AND f.state <> 'present' AND f.path > :after
                       AND NOT EXISTS (SELECT 1 FROM rename_awaited a
                                        WHERE a.path = f.path AND a.remote = :remote)
                     ORDER BY f.path LIMIT :limit
                    """)
                .bind("remote", remote)
                .bind("after", after.map(StorePath::value).orElse(""))
                .bind("limit", limit)
                .map(rs -> StorePath.of(rs.getString(1)))
                .list());
  }

  /** When the first file that failed at one of these remotes is to be tried again, after a time. */
  public Optional<Long> findNextRetry(Collection<Integer> remotes, long afterMillis) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT MIN(retry_at) FROM copy
                     WHERE state <> 'verified' AND retry_at > :after AND remote IN (<remotes>)
                    """)
                .bindList("remotes", remotes.isEmpty() ? List.of(-1) : List.copyOf(remotes))
                .bind("after", afterMillis)
                .mapToLong()
                .findOne());
  }

  /** True when some remote holds, or may hold, something of this file. */
  public boolean isAnywhere(StorePath path) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT EXISTS (SELECT 1 FROM copy WHERE path = :path)")
                .bind("path", path.value())
                .mapToBoolean()
                .one());
  }

  private static CopyRow map(ResultSet rs) throws SQLException {
    long held = rs.getLong("held_size");
    boolean heldKnown = !rs.wasNull();
    return new CopyRow(
        FileTable.map(rs),
        CopyRow.State.of(rs.getString("copy_state")),
        Optional.ofNullable(rs.getString("held_sha256")),
        heldKnown ? held : -1,
        rs.getInt("attempts"),
        rs.getLong("retry_at"),
        Optional.ofNullable(rs.getString("reason")));
  }
}
