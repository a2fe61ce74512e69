package dev.caravan.catalog.database;

import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.util.Collection;

/**
 * Copies that are snapshots of a database: of what it held, not of its bytes. None ever counts for
 * a purge, for a snapshot is {@code proof = 'snapshot'}. Changes are made on a session of the
 * catalog's writer.
 */
public final class SnapshotTable {

  private SnapshotTable() {}

  /**
   * Records that databases are in use, or that some were when they were last sent: the next cycle
   * looks at them again.
   *
   * @param live those with a log beside them
   * @param remotes ids of the configured remotes
   */
  public static void recordToLookAt(
      Session session, Collection<StorePath> live, Collection<Integer> remotes, long nowMillis) {
    String pending =
        """
        UPDATE copy SET state = 'pending', attempts = 0, retry_at = NULL, reason = NULL,
                        pending_at = :now
         WHERE state = 'verified' AND remote = :remote AND
        """;
    for (int remote : remotes) {
      session
          .createUpdate(pending + " proof = 'snapshot'")
          .bind("remote", remote)
          .bind("now", nowMillis)
          .execute();
      for (StorePath path : live) {
        session
            .createUpdate(pending + " path = :path")
            .bind("path", path.value())
            .bind("remote", remote)
            .bind("now", nowMillis)
            .execute();
      }
    }
  }

  /** True when a remote's copy is one. */
  public static boolean isAny(Session session) {
    return session
        .createQuery(
            "SELECT EXISTS (SELECT 1 FROM copy WHERE proof = 'snapshot' AND state = 'verified')")
        .mapToBoolean()
        .one();
  }

  /**
   * Records that a remote holds a snapshot.
   *
   * @param source the database as it looked then; where it has changed since, there is more to send
   */
  public static void recordHeld(
      Session session, FileRow source, int remote, CopyTable.Held held, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE copy
               SET sha256 = :sha256, size = :size, etag = :etag, version = :version,
                   stored_at = CASE WHEN sha256 = :sha256 AND proof = 'snapshot' THEN stored_at
                               ELSE :now END,
                   proof = 'snapshot', verified_at = :now, attempts = 0, retry_at = NULL,
                   reason = NULL, pending_at = NULL,
                   state = CASE WHEN EXISTS (
                             SELECT 1 FROM file f
                              WHERE f.path = copy.path AND f.state = 'present'
                                AND f.size = :file AND f.modified_ns = :modified
                                AND f.changed_ns = :changed AND f.inode = :inode)
                           THEN 'verified' ELSE 'pending' END
             WHERE path = :path AND remote = :remote
            """)
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
