package dev.caravan.catalog.node;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileTable;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.catalog.sql.SqlQuery;
import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The folders and links. Changes are made on a session of the catalog's writer. */
public final class NodeTable {

  private static final String COLUMNS =
      "path, target, mode, uid, gid, modified_ns, here, missing_looks, instead";

  /** Of the column {@code here}. */
  private static final int UNFINISHED = 2;

  private final Catalog catalog;

  public NodeTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A page of them in the order of their keys.
   *
   * @param root a store path of which only it and what is below is wanted; {@code ""} for all
   * @param after the key of the last one that was had; {@code ""} at first
   */
  public List<NodeRow> page(String root, String after, int limit) {
    String below =
        root.isEmpty()
            ? ""
            : """
               AND path < :root || '0'
               AND (path = :root OR path >= :root || '/')
              """;
    return catalog.read(
        session -> {
          SqlQuery query =
              session.createQuery(
                  "SELECT "
                      + COLUMNS
                      + " FROM node WHERE path >= :from AND path <> :after"
                      + below
                      + " ORDER BY path LIMIT :limit");
          if (!root.isEmpty()) {
            query.bind("root", root);
          }
          return query
              .bind("from", after.isEmpty() ? root : after)
              .bind("after", after)
              .bind("limit", limit)
              .map(NodeTable::map)
              .list();
        });
  }

  /** A folder that is known. */
  public Optional<NodeRow> findFolder(StorePath path) {
    return page(path.value(), "", 1).stream()
        .filter(row -> row.isFolder() && row.path().equals(path))
        .findFirst();
  }

  /** True when there is a folder or link of this name, or one below it. */
  public boolean knows(String root) {
    return !page(root, "", 1).isEmpty();
  }

  private static NodeRow map(ResultSet rs) throws SQLException {
    String key = rs.getString(1);
    boolean folder = key.endsWith("/");
    return new NodeRow(
        StorePath.of(folder ? key.substring(0, key.length() - 1) : key),
        Optional.ofNullable(rs.getString(2)),
        rs.getInt(3),
        FileTable.ownerOf(rs, 4),
        rs.getLong(6),
        rs.getInt(7) == 1,
        rs.getInt(8),
        rs.getInt(7) == UNFINISHED,
        Optional.ofNullable(rs.getString(9)));
  }

  /** Records what they look like. */
  public void record(Session session, Collection<NodeRow> rows) {
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT INTO node (path, target, mode, uid, gid, modified_ns, here, instead)
            VALUES (:path, :target, :mode, :uid, :gid, :modified, :here, :instead)
            ON CONFLICT (path) DO UPDATE
               SET target = excluded.target, mode = excluded.mode, uid = excluded.uid,
                   gid = excluded.gid, modified_ns = excluded.modified_ns, here = excluded.here,
                   missing_looks = 0, instead = excluded.instead
            """);
    rows.forEach(row -> bind(batch, row).bind("instead", row.instead().orElse(null)).add());
  }

  /** Records what a remote's copy of the catalog says; what is known already stays. */
  public void recordKnown(Session session, Collection<NodeRow> rows) {
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT INTO node (path, target, mode, uid, gid, modified_ns, here)
            VALUES (:path, :target, :mode, :uid, :gid, :modified, 0)
            ON CONFLICT (path) DO NOTHING
            """);
    rows.forEach(row -> bind(batch, row).add());
  }

  private static SqlBatch bind(SqlBatch batch, NodeRow row) {
    return batch
        .bind("path", row.key())
        .bind("target", row.target().orElse(null))
        .bind("mode", row.mode())
        .bind("uid", row.owner().map(Owner::uid).orElse(null))
        .bind("gid", row.owner().map(Owner::gid).orElse(null))
        .bind("modified", row.modifiedNs())
        .bind("here", row.here());
  }

  /** Records one more look that did not find these. */
  public void recordMissing(Session session, Collection<String> keys) {
    SqlBatch batch =
        session.prepareBatch(
            "UPDATE node SET missing_looks = missing_looks + 1 WHERE path = :path AND here = 1");
    keys.forEach(key -> batch.bind("path", key).add());
  }

  /** Records that a restore is about to make these folders, before the first is made. */
  public void recordUnfinished(Session session, Collection<NodeRow> rows) {
    SqlBatch batch =
        session.prepareBatch("UPDATE node SET here = 2, missing_looks = 0 WHERE path = :path");
    rows.forEach(row -> batch.bind("path", row.key()).add());
  }

  /**
   * Forgets what so many looks in a row did not find; returns how many these were. A folder below
   * which files left the disk is not forgotten: it comes back with them.
   */
  public int forgetMissing(Session session, int looks) {
    session
        .createUpdate(
            """
            UPDATE node SET here = 0, missing_looks = 0
             WHERE missing_looks > 0 AND missing_looks >= :looks AND here = 1
               AND target IS NULL
               AND EXISTS (SELECT 1 FROM file f
                            WHERE f.path > node.path
                              AND f.path < substr(node.path, 1, length(node.path) - 1) || '0'
                              AND f.state = 'purged')
            """)
        .bind("looks", looks)
        .execute();
    return session
        .createUpdate(
            """
            DELETE FROM node WHERE missing_looks > 0 AND missing_looks >= :looks AND here = 1
            """)
        .bind("looks", looks)
        .execute();
  }

  /** How many are known to lie in the store. */
  public long count() {
    return catalog.read(
        session ->
            session.createQuery("SELECT COUNT(*) FROM node WHERE here = 1").mapToLong().one());
  }

  /**
   * Of what two looks did not find, how many links and folders without any file no approval covers.
   * A folder with files is spoken for by those.
   */
  public long countUnapproved() {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT COUNT(*) FROM node n
                     WHERE n.missing_looks > 0 AND n.missing_looks >= 2 AND n.here = 1
                       AND (n.target IS NOT NULL OR NOT EXISTS (
                         SELECT 1 FROM file f
                          WHERE f.path > n.path
                            AND f.path < substr(n.path, 1, length(n.path) - 1) || '0'))
                       AND NOT EXISTS (
                         SELECT 1 FROM halted_deletion d JOIN halt h ON h.id = d.halt
                          WHERE d.path = n.path AND h.approved_at IS NOT NULL
                            AND h.ended_at IS NULL)
                    """)
                .mapToLong()
                .one());
  }

  /** True when some were not found by one look so far: a second one decides. */
  public boolean isAnyMissing() {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT EXISTS (SELECT 1 FROM node WHERE missing_looks > 0)")
                .mapToBoolean()
                .one());
  }
}
