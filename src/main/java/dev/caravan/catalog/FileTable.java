package dev.caravan.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The files. Changes are made on a session of the catalog's writer. */
public final class FileTable {

  private static final String COLUMNS =
      """
      path, state, size, modified_ns, changed_ns, inode, device, mode,
      CASE stale WHEN 0 THEN sha256 END AS sha256, missing_looks, uid, gid
      """;

  /** Without checksum and owner, as compared with the store: chown shows in changed_ns. */
  private static final String COMPARED =
      """
      path, CASE state WHEN 'present' THEN 0 WHEN 'purged' THEN 1 ELSE 2 END,
      size, modified_ns, changed_ns, inode, device, mode, missing_looks
      """;

  private static final FileRow.State[] STATES = {
    FileRow.State.PRESENT, FileRow.State.PURGED, FileRow.State.DELETED
  };

  private final Catalog catalog;

  FileTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Opens all rows in path order, without their checksums; the caller closes. */
  public Cursor open() {
    Session session = catalog.openReader();
    try {
      Connection connection = session.connection();
      PreparedStatement statement =
          connection.prepareStatement("SELECT " + COMPARED + " FROM file ORDER BY path");
      ResultSet rows = statement.executeQuery();
      return new OpenCursor(session, statement, rows);
    } catch (SQLException e) {
      session.close();
      throw Catalog.unusable(e);
    }
  }

  /** Reads rows in path order, one at a time, as they were when the cursor was opened. */
  public interface Cursor extends AutoCloseable {
    /** The next row; empty at the end. */
    Optional<FileRow> next();

    @Override
    void close();
  }

  private record OpenCursor(Session session, PreparedStatement statement, ResultSet rows)
      implements Cursor {
    @Override
    public Optional<FileRow> next() {
      try {
        return rows.next() ? Optional.of(compared(rows)) : Optional.empty();
      } catch (SQLException e) {
        throw Catalog.unusable(e);
      }
    }

    @Override
    public void close() {
      try {
        rows.close();
        statement.close();
      } catch (SQLException e) {
        throw Catalog.unusable(e);
      } finally {
        session.close();
      }
    }
  }

  public Optional<FileRow> find(StorePath path) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT " + COLUMNS + " FROM file WHERE path = :path")
                .bind("path", path.value())
                .map(FileTable::map)
                .findOne());
  }

  /** True when any file is known whose path begins with this one and a slash. */
  public boolean isAnyBelow(StorePath folder) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT EXISTS (SELECT 1 FROM file
                                    WHERE path > :folder || '/' AND path < :folder || '0')
                    """)
                .bind("folder", folder.value())
                .mapToBoolean()
                .one());
  }

  /** Records a version seen in the store: new, changed, or back after it was missing. */
  public void recordSeen(Session session, Collection<FileRow> rows, long nowMillis) {
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT INTO file (path, state, size, modified_ns, changed_ns, inode, device, mode,
                              uid, gid, sha256, stale, seen_at, known_at)
            VALUES (:path, 'present', :size, :modified, :changed, :inode, :device, :mode,
                    :uid, :gid, NULL, 1, :now, :now)
            ON CONFLICT (path) DO UPDATE
               SET state = 'present', size = excluded.size, modified_ns = excluded.modified_ns,
                   changed_ns = excluded.changed_ns, inode = excluded.inode,
                   device = excluded.device, mode = excluded.mode,
                   uid = excluded.uid, gid = excluded.gid,
                   stale = CASE WHEN state = 'present' AND size = excluded.size
                                 AND modified_ns = excluded.modified_ns
                                 AND changed_ns = excluded.changed_ns AND inode = excluded.inode
                                THEN stale ELSE 1 END,
                   missing_looks = 0, missing_at = NULL
            """);
    for (FileRow row : rows) {
      batch
          .bind("path", row.path().value())
          .bind("size", row.sizeBytes())
          .bind("modified", row.modifiedNs())
          .bind("changed", row.changedNs())
          .bind("inode", row.inode())
          .bind("device", row.device())
          .bind("mode", row.mode())
          .bind("uid", row.owner().map(Owner::uid).orElse(null))
          .bind("gid", row.owner().map(Owner::gid).orElse(null))
          .bind("now", nowMillis)
          .add();
    }
  }

  /** Those of some versions that are not on record, content and all. */
  public List<FileRow> unrecorded(Session session, Collection<FileRow> versions) {
    return versions.stream().filter(version -> !isRecorded(session, version)).toList();
  }

  private static boolean isRecorded(Session session, FileRow version) {
    return session
        .createQuery(
            """
            SELECT EXISTS (SELECT 1 FROM file
                            WHERE path = :path AND state = 'present' AND stale = 0
                              AND size = :size AND modified_ns = :modified
                              AND changed_ns = :changed AND inode = :inode)
            """)
        .bind("path", version.path().value())
        .bind("size", version.sizeBytes())
        .bind("modified", version.modifiedNs())
        .bind("changed", version.changedNs())
        .bind("inode", version.inode())
        .mapToBoolean()
        .one();
  }

  /** Records that the content of exactly this version was read. */
  public void recordHash(Session session, FileRow version, String sha256) {
    session
        .createUpdate(
            """
            UPDATE file SET sha256 = :sha256, stale = 0
             WHERE path = :path AND state = 'present' AND size = :size
               AND modified_ns = :modified AND changed_ns = :changed AND inode = :inode
            """)
        .bind("sha256", sha256)
        .bind("path", version.path().value())
        .bind("size", version.sizeBytes())
        .bind("modified", version.modifiedNs())
        .bind("changed", version.changedNs())
        .bind("inode", version.inode())
        .execute();
  }

  /** Records one more look that did not find these files. */
  public void recordMissing(Session session, Collection<StorePath> paths, long nowMillis) {
    each(
        session,
        """
        UPDATE file SET missing_looks = missing_looks + 1,
                        missing_at = COALESCE(missing_at, %d)
         WHERE path = :path AND state = 'present'
        """
            .formatted(nowMillis),
        paths);
  }

  /** Records that these files are here after all, unchanged. */
  public void recordBack(Session session, Collection<StorePath> paths) {
    each(session, "UPDATE file SET missing_looks = 0, missing_at = NULL WHERE path = :path", paths);
  }

  /** Records who owns files that did not change since nobody looked for that. */
  public void recordOwners(Session session, Collection<FileRow> rows) {
    if (rows.isEmpty()) {
      return;
    }
    SqlBatch batch =
        session.prepareBatch(
            "UPDATE file SET uid = :uid, gid = :gid WHERE path = :path AND uid IS NULL");
    for (FileRow row : rows) {
      batch
          .bind("path", row.path().value())
          .bind("uid", row.owner().map(Owner::uid).orElse(null))
          .bind("gid", row.owner().map(Owner::gid).orElse(null))
          .add();
    }
  }

  /** Records that these files left the disk but live on at the remotes. */
  public void recordPurged(Session session, Collection<StorePath> paths) {
    each(
        session,
        """
        UPDATE file SET state = 'purged', missing_looks = 0, missing_at = NULL
         WHERE path = :path AND state = 'present'
        """,
        paths);
  }

  /** Records that the owner deleted these files; the remotes have to be told. */
  public void recordDeleted(Session session, Collection<StorePath> paths) {
    each(
        session,
        """
        UPDATE file SET state = 'deleted'
         WHERE path = :path AND state = 'present' AND missing_looks >= 2
        """,
        paths);
  }

  /** Forgets these files and what the remotes hold of them. */
  public void forget(Session session, Collection<StorePath> paths) {
    each(
        session,
        """
        DELETE FROM copy WHERE path = :path
           AND NOT EXISTS (SELECT 1 FROM file WHERE path = :path AND state = 'purged')
        """,
        paths);
    each(session, "DELETE FROM file WHERE path = :path AND state <> 'purged'", paths);
  }

  /** Forgets the deleted files that no remote has to be told of any more. */
  public int forgetDeleted(Session session) {
    return session.execute(
        """
        DELETE FROM file WHERE state = 'deleted'
           AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.path = file.path)
        """);
  }

  /**
   * Files that at least {@code looks} scans in a row did not find, in path order. One that seems to
   * have been renamed waits until its new path was read.
   */
  public List<StorePath> missing(int looks, Optional<StorePath> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT path FROM file
                     WHERE missing_looks >= :looks AND missing_looks > 0 AND state = 'present'
                       AND path > :after
                       AND NOT EXISTS (SELECT 1 FROM renamed r
                                        WHERE r.from_path = file.path AND r.proven = 0)
                     ORDER BY path LIMIT :limit
                    """)
                .bind("looks", looks)
                .bind("after", after.map(StorePath::value).orElse(""))
                .bind("limit", limit)
                .map(rs -> StorePath.of(rs.getString(1)))
                .list());
  }

  /** How many files were not found by one look so far: a second one decides. */
  public long countMissingOnce() {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT COUNT(*) FROM file
                     WHERE missing_looks > 0 AND missing_looks < 2 AND state = 'present'
                    """)
                .mapToLong()
                .one());
  }

  /** Records a file that only a remote holds, found while the catalog is rebuilt. */
  public void recordFoundAtRemote(Session session, FileRow row, long nowMillis) {
    session
        .createUpdate(
            """
            INSERT INTO file (path, state, size, modified_ns, changed_ns, inode, device, mode,
                              sha256, stale, seen_at)
            VALUES (:path, 'purged', :size, :modified, 0, 0, 0, 0, :sha256,
                    CASE WHEN :sha256 IS NULL THEN 1 ELSE 0 END, :now)
            ON CONFLICT (path) DO NOTHING
            """)
        .bind("path", row.path().value())
        .bind("size", row.sizeBytes())
        .bind("modified", row.modifiedNs())
        .bind("sha256", row.sha256().orElse(null))
        .bind("now", nowMillis)
        .execute();
  }

  /** True when the file's current version is known to be this content. */
  public boolean holds(Session session, StorePath path, String sha256) {
    return session
        .createQuery(
            """
            SELECT EXISTS (SELECT 1 FROM file
                            WHERE path = :path AND stale = 0 AND sha256 = :sha256)
            """)
        .bind("path", path.value())
        .bind("sha256", sha256)
        .mapToBoolean()
        .one();
  }

  private static void each(Session session, String sql, Collection<StorePath> paths) {
    if (paths.isEmpty()) {
      return;
    }
    SqlBatch batch = session.prepareBatch(sql);
    paths.forEach(path -> batch.bind("path", path.value()).add());
  }

  /** Of a million rows each column counts, most of all one of text. */
  private static FileRow compared(ResultSet rs) throws SQLException {
    return row(rs, STATES[rs.getInt(2)], Optional.empty(), rs.getInt(9), Optional.empty());
  }

  static FileRow map(ResultSet rs) throws SQLException {
    FileRow.State state = FileRow.State.of(rs.getString(2));
    return row(rs, state, Optional.ofNullable(rs.getString(9)), rs.getInt(10), ownerOf(rs, 11));
  }

  /**
   * By position: a look-up by name costs more than the row. As bytes a path takes a shorter way.
   */
  private static FileRow row(
      ResultSet rs,
      FileRow.State state,
      Optional<String> sha256,
      int missingLooks,
      Optional<Owner> owner)
      throws SQLException {
    return new FileRow(
        StorePath.of(new String(rs.getBytes(1), UTF_8)),
        state,
        rs.getLong(3),
        rs.getLong(4),
        rs.getLong(5),
        rs.getLong(6),
        rs.getLong(7),
        rs.getInt(8),
        sha256,
        missingLooks,
        owner);
  }

  /** The owner in two columns from this one on; empty where it was never seen. */
  public static Optional<Owner> ownerOf(ResultSet rs, int column) throws SQLException {
    long uid = rs.getLong(column);
    return rs.wasNull() ? Optional.empty() : Optional.of(new Owner(uid, rs.getLong(column + 1)));
  }
}
