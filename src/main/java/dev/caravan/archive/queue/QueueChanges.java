package dev.caravan.archive.queue;

import dev.caravan.archive.carry.RemotePath;
import dev.caravan.archive.queue.QueueRow.Seen;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.PathNames;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Changes the rows of files. Every change is guarded by what the row was thought to be, for other
 * programs write to it as well. All methods run within a transaction of {@link QueueFile#write}.
 */
public final class QueueChanges {

  private QueueChanges() {}

  /** A file to register. */
  public record NewFile(
      String localPath,
      String localMd5,
      String archive,
      String remotePath,
      double timestamp,
      boolean deletable) {}

  /** Registers a file, as the Python package would; answers with its id. */
  public static long insert(Session session, NewFile file) {
    session
        .createUpdate(
            """
            INSERT INTO supersync_v0 (local_path, local_md5sum, archive_name, remote_path,
              timestamp, failed_copy_attempts, deletable, ignore)
            VALUES (CAST(:local AS TEXT), :md5, :archive, CAST(:remote AS TEXT), :at, 0, :deletable,
              0)""")
        .bind("local", PathNames.bytesOf(file.localPath()))
        .bind("md5", file.localMd5())
        .bind("archive", file.archive())
        .bind("remote", PathNames.bytesOf(file.remotePath()))
        .bind("at", file.timestamp())
        .bind("deletable", file.deletable())
        .execute();
    return session.createQuery("SELECT last_insert_rowid()").mapToLong().one();
  }

  /**
   * What is known of a file whose copy was verified.
   *
   * @param md5 of the destination and of the local file
   * @param seen how the local file looked
   */
  public record Verified(String md5, Optional<String> sha256, Optional<Seen> seen, double at) {}

  /** The destination holds exactly the local file. */
  public static boolean recordVerified(Session session, QueueRow row, Verified found) {
    int changed =
        session
            .createUpdate(
                """
                UPDATE supersync_v0 SET local_md5sum = :md5, remote_md5sum = :md5, copied = :at
                WHERE id = :id AND local_md5sum = :known AND removed IS NULL""")
            .bind("md5", found.md5())
            .bind("at", found.at())
            .bind("id", row.id())
            .bind("known", row.localMd5())
            .execute();
    if (changed == 0) {
      return false;
    }
    ensure(session, row);
    @Nullable Seen seen = found.seen().orElse(null);
    session
        .createUpdate(
            """
            UPDATE caravan_file_v0 SET verified_at = :at, sha256 = :sha256, sha256_md5 = :md5,
              size = :size, mtime_ns = :mtime, ctime_ns = :ctime, inode = :inode, dead_at = NULL,
              reason = NULL, version = version + :more, removing = 0, kept_at = NULL
            WHERE file_id = :id""")
        .bind("at", found.at())
        .bind("sha256", found.sha256().orElse(null))
        .bind("md5", found.md5())
        .bind("size", seen == null ? null : seen.sizeBytes())
        .bind("mtime", seen == null ? null : seen.modifiedNs())
        .bind("ctime", seen == null ? null : seen.changedNs())
        .bind("inode", seen == null ? null : seen.inode())
        .bind("more", found.md5().equals(row.localMd5()) ? 0 : 1)
        .bind("id", row.id())
        .execute();
    return true;
  }

  /**
   * An attempt failed; it counts once.
   *
   * @param remoteMd5 what the destination held, where it was asked and held anything
   * @param dead whether it is given up
   */
  public static void recordFailed(
      Session session,
      QueueRow row,
      Optional<String> remoteMd5,
      String why,
      boolean dead,
      double at) {
    session
        .createUpdate(
            """
            UPDATE supersync_v0 SET copied = :at, remote_md5sum = COALESCE(:md5, remote_md5sum),
              failed_copy_attempts = COALESCE(failed_copy_attempts, 0) + 1
            WHERE id = :id AND removed IS NULL""")
        .bind("at", at)
        .bind("md5", remoteMd5.filter(md5 -> !md5.equals(row.localMd5())).orElse(null))
        .bind("id", row.id())
        .execute();
    session
        .createUpdate(
            "INSERT INTO caravan_attempt_v0 (file_id, at, message) VALUES (:id, :at, :message)")
        .bind("id", row.id())
        .bind("at", at)
        .bind("message", why)
        .execute();
    say(session, row, why);
    session
        .createUpdate(
            "UPDATE caravan_file_v0 SET dead_at = :dead, told_at = NULL WHERE file_id = :id")
        .bind("dead", dead ? at : null)
        .bind("id", row.id())
        .execute();
  }

  /** It had no turn in this round, through no fault of its own. */
  public static void recordPassedOver(Session session, QueueRow row, String why, double at) {
    session
        .createUpdate("UPDATE supersync_v0 SET copied = :at WHERE id = :id")
        .bind("at", at)
        .bind("id", row.id())
        .execute();
    say(session, row, why);
  }

  /** The local file is another than was registered: it is to be copied as it is now. */
  public static void recordChanged(Session session, QueueRow row, String md5, double at) {
    int changed =
        session
            .createUpdate(
                """
                UPDATE supersync_v0 SET local_md5sum = :md5, copied = :at
                WHERE id = :id AND local_md5sum = :known AND removed IS NULL""")
            .bind("md5", md5)
            .bind("at", at)
            .bind("id", row.id())
            .bind("known", row.localMd5())
            .execute();
    if (changed > 0) {
      say(session, row, "The file changed after it was registered; it is copied as it is now");
      session
          .createUpdate(
              """
              UPDATE caravan_file_v0 SET version = version + 1, removing = 0, inode = NULL,
                sha256 = NULL, sha256_md5 = NULL
              WHERE file_id = :id""")
          .bind("id", row.id())
          .execute();
    }
  }

  /** The destination does not hold any more what was verified there: it is to be copied again. */
  public static void recordLost(Session session, QueueRow row, Optional<String> md5, String why) {
    session
        .createUpdate(
            """
            UPDATE supersync_v0 SET remote_md5sum = :md5
            WHERE id = :id AND local_md5sum = :known AND removed IS NULL""")
        .bind("md5", md5.orElse(null))
        .bind("id", row.id())
        .bind("known", row.localMd5())
        .execute();
    say(session, row, why);
    session
        .createUpdate(
            """
            UPDATE caravan_file_v0 SET verified_at = NULL, sha256 = NULL, sha256_md5 = NULL
            WHERE file_id = :id""")
        .bind("id", row.id())
        .execute();
  }

  /**
   * The local file is about to be deleted; this is on disk before it is.
   *
   * @param localPath the file's path in its plain form
   * @return false when it must not be: its row is not any more what it was, or another row of the
   *     same file waits to be copied, or says that the file is to stay
   */
  public static boolean recordRemoving(Session session, QueueRow row, String localPath, Seen seen) {
    ensure(session, row);
    return session
            .createUpdate(
                """
                UPDATE caravan_file_v0 SET removing = 1, size = :size, mtime_ns = :mtime,
                  ctime_ns = :ctime, inode = :inode
                WHERE file_id = :id AND EXISTS (SELECT 1 FROM supersync_v0 s
                  WHERE s.id = :id AND s.removed IS NULL AND COALESCE(s.deletable, 1) <> 0
                  AND s.local_md5sum = :known AND s.remote_md5sum = :known
                  AND NOT EXISTS (SELECT 1 FROM supersync_v0 o
                    WHERE o.local_path IN (s.local_path, CAST(:local AS TEXT)) AND o.id <> s.id
                    AND o.removed IS NULL AND (COALESCE(o.deletable, 1) = 0
                      OR (COALESCE(o.ignore, 0) = 0 AND (o.remote_md5sum IS NULL
                        OR o.remote_md5sum <> o.local_md5sum)))))""")
            .bind("size", seen.sizeBytes())
            .bind("mtime", seen.modifiedNs())
            .bind("ctime", seen.changedNs())
            .bind("inode", seen.inode())
            .bind("id", row.id())
            .bind("known", row.localMd5())
            .bind("local", PathNames.bytesOf(localPath))
            .execute()
        > 0;
  }

  /**
   * The local file is gone.
   *
   * @param at 0 when it was missing
   */
  public static void recordRemoved(Session session, QueueRow row, double at, String why) {
    session
        .createUpdate("UPDATE supersync_v0 SET removed = :at WHERE id = :id AND removed IS NULL")
        .bind("at", at)
        .bind("id", row.id())
        .execute();
    say(session, row, why);
    recordNotRemoving(session, row);
  }

  /** The local file was to go and stays for now. */
  public static void recordKept(Session session, QueueRow row, String why, double at) {
    recordBack(session, row, why);
    session
        .createUpdate("UPDATE caravan_file_v0 SET kept_at = :at WHERE file_id = :id")
        .bind("at", at)
        .bind("id", row.id())
        .execute();
  }

  /** A deletion that was cut off did not come about; it may be tried again at once. */
  public static void recordBack(Session session, QueueRow row, String why) {
    say(session, row, why);
    recordNotRemoving(session, row);
  }

  /** Notes the plain form of the remote path, if the path has another. */
  public static void recordPlace(Session session, QueueRow row) {
    ensure(session, row);
  }

  private static void recordNotRemoving(Session session, QueueRow row) {
    session
        .createUpdate("UPDATE caravan_file_v0 SET removing = 0 WHERE file_id = :id")
        .bind("id", row.id())
        .execute();
  }

  /** Somebody wants it tried again; answers whether there was anything to forget. */
  public static boolean recordRetry(Session session, long id, String archive) {
    int changed =
        session
            .createUpdate(
                """
                UPDATE supersync_v0 SET failed_copy_attempts = 0, copied = NULL
                WHERE id = :id AND archive_name = :archive AND removed IS NULL
                AND (remote_md5sum IS NULL OR remote_md5sum <> local_md5sum)""")
            .bind("id", id)
            .bind("archive", archive)
            .execute();
    session
        .createUpdate(
            "UPDATE caravan_file_v0 SET dead_at = NULL, reason = NULL WHERE file_id = :id")
        .bind("id", id)
        .execute();
    return changed > 0;
  }

  /** Somebody wants it copied, or not; answers whether there is such a file. */
  public static boolean recordIgnored(Session session, long id, String archive, boolean ignored) {
    return session
            .createUpdate(
                "UPDATE supersync_v0 SET ignore = :on WHERE id = :id AND archive_name = :archive")
            .bind("on", ignored)
            .bind("id", id)
            .bind("archive", archive)
            .execute()
        > 0;
  }

  private static void say(Session session, QueueRow row, String why) {
    ensure(session, row);
    session
        .createUpdate("UPDATE caravan_file_v0 SET reason = :why WHERE file_id = :id")
        .bind("why", why)
        .bind("id", row.id())
        .execute();
  }

  private static void ensure(Session session, QueueRow row) {
    session
        .createUpdate(
            """
            INSERT INTO caravan_file_v0 (file_id, archive_name, place)
            VALUES (:id, :archive, CAST(:place AS TEXT))
            ON CONFLICT (file_id) DO UPDATE SET place = excluded.place
            WHERE caravan_file_v0.place IS NOT excluded.place""")
        .bind("id", row.id())
        .bind("archive", row.archive())
        .bind("place", placeOf(row).map(PathNames::bytesOf).orElse(null))
        .execute();
  }

  /** Where the file lies, when that is not written as its path is. */
  private static Optional<String> placeOf(QueueRow row) {
    try {
      return Optional.of(RemotePath.plain(row.remotePath()))
          .filter(place -> !place.equals(row.remotePath()));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // It is no place, and nothing is ever sent there.
    }
  }
}
