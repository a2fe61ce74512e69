package dev.caravan.catalog.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.FileTable;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlQuery;
import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which files can be brought back, from where, and that they were. Changes are made on a session of
 * the catalog's writer.
 */
public final class RestoreTable {

  /** A file and all below a folder of that name. */
  private static final String BELOW =
      "(:root = '' OR path = :root OR (path > :root || '/' AND path < :root || '0'))";

  private final Catalog catalog;

  public RestoreTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * What a remote is known to hold under a file's name.
   *
   * @param remote the remote's name
   * @param sha256 of what was proven there, 64 lower-case hex digits; empty when nothing was
   */
  public record Copy(String remote, Optional<String> sha256) {}

  /** True when some remote carries the marker of this store: then its files may lie there. */
  public boolean isAnyHolder() {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT EXISTS (SELECT 1 FROM remote WHERE owned = 1)")
                .mapToBoolean()
                .one());
  }

  /** True when the catalog knows a file of this name, or one below it; {@code ""} is the top. */
  public boolean knows(String root) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    "SELECT EXISTS (SELECT 1 FROM file WHERE state <> 'deleted' AND " + BELOW + ")")
                .bind("root", root)
                .mapToBoolean()
                .one());
  }

  /**
   * Files at this name or below it, in path order, from their state's own index.
   *
   * @param all whether also those that are in the store
   */
  public List<FileRow> below(String root, Optional<StorePath> after, int limit, boolean all) {
    String states = all ? "state <> 'deleted'" : "state = 'purged' AND state <> 'present'";
    return catalog.read(
        session ->
            bound(
                    session.createQuery(
                        """
                        SELECT path, state, size, modified_ns, mode,
                               CASE stale WHEN 0 THEN sha256 END, uid, gid
                          FROM file
                        """
                            + " WHERE "
                            + states
                            + " AND path > :after AND "
                            + BELOW
                            + " ORDER BY path LIMIT :limit"),
                    root,
                    after,
                    limit)
                .map(RestoreTable::map)
                .list());
  }

  private static SqlQuery bound(SqlQuery query, String root, Optional<StorePath> after, int limit) {
    return query
        .bind("root", root)
        .bind("after", after.map(StorePath::value).orElse(""))
        .bind("limit", limit);
  }

  private static FileRow map(ResultSet rs) throws SQLException {
    boolean purged = rs.getString(2).equals("purged");
    return new FileRow(
        StorePath.of(rs.getString(1)),
        purged ? FileRow.State.PURGED : FileRow.State.PRESENT,
        rs.getLong(3),
        rs.getLong(4),
        0,
        0,
        0,
        rs.getInt(5),
        Optional.ofNullable(rs.getString(6)),
        0,
        FileTable.ownerOf(rs, 7));
  }

  /** How many files, and bytes, are away at this name and below it. */
  public record Away(long files, long bytes) {}

  public Away count(String root) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT COUNT(*), COALESCE(SUM(size), 0) FROM file
                     WHERE state = 'purged' AND state <> 'present' AND
                    """
                        + BELOW)
                .bind("root", root)
                .map(rs -> new Away(rs.getLong(1), rs.getLong(2)))
                .one());
  }

  /** A file that is away, and what the remotes are known to hold of it. */
  public record Held(FileRow row, List<Copy> copies) {}

  /** Those of some files that are away at this moment, in the order given. */
  public List<Held> away(Collection<StorePath> paths) {
    return catalog.read(
        session -> {
          List<Held> all = new ArrayList<>(paths.size());
          for (StorePath path : paths) {
            held(session, path).ifPresent(all::add);
          }
          return all;
        });
  }

  private static Optional<Held> held(Session session, StorePath path) {
    List<Held> found =
        session
            .createQuery(
                """
                SELECT f.path, f.state, f.size, f.modified_ns, f.mode,
                       CASE f.stale WHEN 0 THEN f.sha256 END, f.uid, f.gid, r.name, c.sha256
                  FROM file f LEFT JOIN copy c ON c.path = f.path
                       LEFT JOIN remote r ON r.id = c.remote
                 WHERE f.path = :path AND f.state = 'purged'
                """)
            .bind("path", path.value())
            .map(rs -> new Held(map(rs), copy(rs)))
            .list();
    return found.stream()
        .reduce((one, other) -> new Held(one.row(), joined(one.copies(), other.copies())));
  }

  private static List<Copy> copy(ResultSet rs) throws SQLException {
    String remote = rs.getString(9);
    return remote == null
        ? List.of()
        : List.of(new Copy(remote, Optional.ofNullable(rs.getString(10))));
  }

  private static List<Copy> joined(List<Copy> some, List<Copy> others) {
    List<Copy> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }

  /** What the remotes are known to hold of a file. */
  public List<Copy> copies(StorePath path) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT r.name, c.sha256 FROM copy c JOIN remote r ON r.id = c.remote
                     WHERE c.path = :path
                    """)
                .bind("path", path.value())
                .map(rs -> new Copy(rs.getString(1), Optional.ofNullable(rs.getString(2))))
                .list());
  }

  /**
   * Records that a file is back, exactly as it lies there now. A remote that was never asked to
   * hold it, because it was away when that remote came, is asked to now.
   *
   * @param back what the file looks like in the store
   * @param remotes names of the configured remotes
   */
  public void recordRestored(
      Session session, FileRow back, Collection<String> remotes, long nowMillis) {
    int changed =
        session
            .createUpdate(
                """
                UPDATE file
                   SET state = 'present', size = :size, modified_ns = :modified,
                       changed_ns = :changed, inode = :inode, device = :device, mode = :mode,
                       uid = :uid, gid = :gid,
                       sha256 = :sha256, stale = 0, missing_looks = 0, missing_at = NULL,
                       read_at = :now
                 WHERE path = :path AND state = 'purged'
                """)
            .bind("size", back.sizeBytes())
            .bind("modified", back.modifiedNs())
            .bind("changed", back.changedNs())
            .bind("inode", back.inode())
            .bind("device", back.device())
            .bind("mode", back.mode())
            .bind("uid", back.owner().map(Owner::uid).orElse(null))
            .bind("gid", back.owner().map(Owner::gid).orElse(null))
            .bind("sha256", back.sha256().orElseThrow())
            .bind("now", nowMillis)
            .bind("path", back.path().value())
            .execute();
    if (changed == 0) {
      return;
    }
    for (String remote : remotes) {
      session
          .createUpdate(
              """
              INSERT INTO copy (path, remote, state, pending_at)
              SELECT :path, id, 'pending', :now FROM remote WHERE name = :remote
              ON CONFLICT (path, remote) DO NOTHING
              """)
          .bind("path", back.path().value())
          .bind("remote", remote)
          .bind("now", nowMillis)
          .execute();
    }
  }

  /** Records that somebody read a file through Caravan; once a minute is often enough. */
  public void recordRead(Session session, StorePath path, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE file SET read_at = :now
             WHERE path = :path AND (read_at IS NULL OR read_at < :now - 60000)
            """)
        .bind("now", nowMillis)
        .bind("path", path.value())
        .execute();
  }
}
