package dev.caravan.catalog.rename;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.catalog.sql.SqlQuery;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** The renames that the looks at the store found. Changes are made on a session of the writer. */
public final class RenameTable {

  private final Catalog catalog;

  public RenameTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * What a remote was proven to hold under the path that a renamed file had before.
   *
   * @param proof how that was proven
   */
  public record Source(
      StorePath path,
      String sha256,
      long sizeBytes,
      Optional<String> etag,
      Optional<String> version,
      String proof) {}

  /** Forgets what the look before did not find. */
  public void forgetGone() {
    boolean any =
        catalog.read(
            session ->
                session.createQuery("SELECT EXISTS (SELECT 1 FROM gone)").mapToBoolean().one());
    if (any) {
      catalog.commit(session -> session.execute("DELETE FROM gone"));
    }
  }

  /** Records that this look did not find these files; a dry run's look counts here as well. */
  public void recordGone(Session session, Collection<FileRow> rows) {
    if (rows.isEmpty()) {
      return;
    }
    SqlBatch batch =
        session.prepareBatch("INSERT OR IGNORE INTO gone (inode, path) VALUES (:inode, :path)");
    rows.forEach(row -> batch.bind("inode", row.inode()).bind("path", row.path().value()).add());
  }

  /**
   * Matches what is gone with files that no remote has yet under their path. A file whose path was
   * never read cannot be matched, for what it held is not known.
   */
  public void match(Session session) {
    // The order of the joins is fixed: few files wait, and of those that do fewer were renamed.
    session.execute(
        """
        INSERT OR REPLACE INTO file_rename (from_path, to_path)
        SELECT a.path, b.path
          FROM copy c INDEXED BY copy_open
          CROSS JOIN file b ON b.path = c.path
          CROSS JOIN gone g ON g.inode = b.inode
          CROSS JOIN file a ON a.path = g.path
         WHERE c.state <> 'verified'
           AND b.state = 'present' AND b.missing_looks = 0
           AND a.state = 'present' AND a.stale = 0 AND a.sha256 IS NOT NULL
           AND a.path <> b.path AND a.size = b.size AND a.modified_ns = b.modified_ns
        """);
  }

  public boolean isAny() {
    return catalog.read(
        session ->
            session.createQuery("SELECT EXISTS (SELECT 1 FROM file_rename)").mapToBoolean().one());
  }

  /** What a remote holds of this file under the path that it had before. */
  public Optional<Source> findSource(StorePath to, int remote) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT c.path, c.sha256, c.size, c.etag, c.version, c.proof
                      FROM renamed r
                      JOIN file a ON a.path = r.from_path
                      JOIN copy c ON c.path = a.path AND c.remote = :remote
                     WHERE r.to_path = :to AND c.state = 'verified' AND c.sha256 = a.sha256
                       AND (a.missing_looks > 0 OR a.state = 'deleted'
                            OR EXISTS (SELECT 1 FROM gone g
                                        WHERE g.inode = a.inode AND g.path = a.path))
                     ORDER BY a.missing_looks LIMIT 1
                    """)
                .bind("to", to.value())
                .bind("remote", remote)
                .map(rs -> map(rs))
                .findOne());
  }

  private static Source map(ResultSet rs) throws SQLException {
    return new Source(
        StorePath.of(rs.getString(1)),
        rs.getString(2),
        rs.getLong(3),
        Optional.ofNullable(rs.getString(4)),
        Optional.ofNullable(rs.getString(5)),
        rs.getString(6));
  }

  /** Records that a remote copied the file to this path by itself. */
  public void recordCopied(Session session, StorePath to, int remote) {
    session
        .createUpdate(
            """
            INSERT OR IGNORE INTO rename_copy (from_path, remote)
            SELECT from_path, :remote FROM file_rename WHERE to_path = :to
            """)
        .bind("to", to.value())
        .bind("remote", remote)
        .execute();
  }

  /** Those of these gone files whose content lies under another path now. */
  public Set<StorePath> renamed(Collection<StorePath> paths) {
    return among(
        paths,
        (session, path) ->
            session
                .createQuery(
                    "SELECT EXISTS (SELECT 1 FROM renamed WHERE from_path = :path AND proven = 1)")
                .bind("path", path.value()));
  }

  /** Those of these gone files that a remote has copied to their new path by itself. */
  public Set<StorePath> copied(Collection<StorePath> paths, int remote) {
    return among(
        paths,
        (session, path) ->
            session
                .createQuery(
                    """
                    SELECT EXISTS (
                      SELECT 1 FROM rename_copy k JOIN renamed r ON r.from_path = k.from_path
                       WHERE k.from_path = :path AND k.remote = :remote)
                    """)
                .bind("path", path.value())
                .bind("remote", remote));
  }

  private Set<StorePath> among(
      Collection<StorePath> paths, BiFunction<Session, StorePath, SqlQuery> question) {
    if (!isAny()) {
      return Set.of();
    }
    return catalog.read(
        session -> {
          Set<StorePath> found = new HashSet<>();
          for (StorePath path : paths) {
            if (question.apply(session, path).mapToBoolean().one()) {
              found.add(path);
            }
          }
          return found;
        });
  }

  /** Forgets the renames that every remote was told of, and those that were taken back. */
  public void forgetSettled(Session session) {
    session.execute(
        """
        DELETE FROM file_rename WHERE NOT EXISTS (
          SELECT 1 FROM file f WHERE f.path = file_rename.from_path
             AND (f.missing_looks > 0 OR f.state = 'deleted'))
        """);
    session.execute(
        """
        DELETE FROM rename_copy WHERE NOT EXISTS (
          SELECT 1 FROM file_rename r WHERE r.from_path = rename_copy.from_path)
        """);
  }
}
