package dev.caravan.catalog.database;

import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Copies that are snapshots of a database: of what it held, not of its bytes. None ever counts for
 * a purge, for a snapshot is {@code proof = 'snapshot'}. Changes are made on a session of the
 * catalog's writer.
 */
public final class SnapshotTable {

  private SnapshotTable() {}

  /**
   * A snapshot of a file of the store.
   *
   * @param stamp how the database and its log looked when it was taken, where that can be told
   */
  public record Snapshot(StorePath path, int remote, Optional<String> stamp) {}

  /** All that are the last known state of a file of the store. */
  public static List<Snapshot> all(Session session) {
    return session
        .createQuery(
            """
            SELECT path, remote, snapshot_of FROM copy
             WHERE proof = 'snapshot' AND state = 'verified'
               AND EXISTS (SELECT 1 FROM file f WHERE f.path = copy.path AND f.state = 'present')
            """)
        .map(
            rs ->
                new Snapshot(
                    StorePath.of(rs.getString(1)),
                    rs.getInt(2),
                    Optional.ofNullable(rs.getString(3))))
        .list();
  }

  /** The one that a remote is known to hold of a file, whatever the state of the copy. */
  public static Optional<Snapshot> find(Session session, StorePath path, int remote) {
    return session
        .createQuery(
            """
            SELECT snapshot_of FROM copy
             WHERE path = :path AND remote = :remote AND proof = 'snapshot'
               AND sha256 IS NOT NULL
            """)
        .bind("path", path.value())
        .bind("remote", remote)
        .map(rs -> new Snapshot(path, remote, Optional.ofNullable(rs.getString(1))))
        .findOne();
  }

  private static final String PENDING =
      """
      UPDATE copy SET state = 'pending', attempts = 0, retry_at = NULL, reason = NULL,
                      pending_at = :now
       WHERE state = 'verified' AND remote = :remote AND path = :path
         AND EXISTS (SELECT 1 FROM file f WHERE f.path = copy.path AND f.state = 'present')
      """;

  /** Records that there is something new to be sent in place of these. */
  public static void recordOld(Session session, List<Snapshot> old, long nowMillis) {
    for (Snapshot each : old) {
      session
          .createUpdate(PENDING)
          .bind("path", each.path().value())
          .bind("remote", each.remote())
          .bind("now", nowMillis)
          .execute();
    }
  }

  /**
   * Records that databases are in use now: what remotes hold of them as plain files is not all that
   * is committed.
   *
   * @param remotes ids of the configured remotes
   */
  public static void recordLive(
      Session session, Collection<StorePath> live, Collection<Integer> remotes, long nowMillis) {
    for (int remote : remotes) {
      for (StorePath path : live) {
        session
            .createUpdate(PENDING + " AND proof <> 'snapshot'")
            .bind("path", path.value())
            .bind("remote", remote)
            .bind("now", nowMillis)
            .execute();
      }
    }
  }

  /** Records that a remote holds these bytes already, and that they are a snapshot. */
  public static void recordStillHeld(
      Session session, FileRow source, int remote, Optional<String> stamp) {
    session
        .createUpdate(
            """
            UPDATE copy
               SET proof = 'snapshot', snapshot_of = :stamp, attempts = 0, retry_at = NULL,
                   reason = NULL, pending_at = NULL, state =
            """
                + STATE
                + " WHERE path = :path AND remote = :remote AND sha256 IS NOT NULL")
        .bind("stamp", stamp.orElse(null))
        .bind("file", source.sizeBytes())
        .bind("modified", source.modifiedNs())
        .bind("changed", source.changedNs())
        .bind("inode", source.inode())
        .bind("path", source.path().value())
        .bind("remote", remote)
        .execute();
  }

  private static final String STATE =
      """
       CASE WHEN EXISTS (
              SELECT 1 FROM file f
               WHERE f.path = copy.path AND f.state = 'present'
                 AND f.size = :file AND f.modified_ns = :modified
                 AND f.changed_ns = :changed AND f.inode = :inode)
            THEN 'verified' ELSE 'pending' END
      """;

  /**
   * Records that a remote holds a snapshot.
   *
   * @param source the database as it looked then; where it has changed since, there is more to send
   * @param stamp how the database and its log looked then, where that can be told
   */
  public static void recordHeld(
      Session session,
      FileRow source,
      int remote,
      CopyTable.Held held,
      Optional<String> stamp,
      long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE copy
               SET sha256 = :sha256, size = :size, etag = :etag, version = :version,
                   stored_at = CASE WHEN sha256 = :sha256 AND proof = 'snapshot' THEN stored_at
                               ELSE :now END,
                   proof = 'snapshot', verified_at = :now, attempts = 0, retry_at = NULL,
                   reason = NULL, pending_at = NULL, snapshot_of = :stamp, state =
            """
                + STATE
                + " WHERE path = :path AND remote = :remote")
        .bind("stamp", stamp.orElse(null))
        .bind("sha256", held.sha256())
        .bind("size", held.sizeBytes())
        .bind("etag", held.etag().orElse(null))
        .bind("version", held.version().orElse(null))
        .bind("now", nowMillis)
        .bind("file", source.sizeBytes())
        .bind("modified", source.modifiedNs())
        .bind("changed", source.changedNs())
        .bind("inode", source.inode())
        .bind("path", source.path().value())
        .bind("remote", remote)
        .execute();
  }
}
