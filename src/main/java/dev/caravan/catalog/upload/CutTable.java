package dev.caravan.catalog.upload;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import java.util.List;
import java.util.Optional;

/** Uploads in parts that can be gone on with. Every change is committed when its call returns. */
public final class CutTable {

  private final Catalog catalog;

  public CutTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The upload of a key that is under way at a place, or was cut off there. */
  public Optional<CutRow> find(String place, String key) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT upload_id, sha256, part_size, form FROM upload_cut
                    WHERE place = :place AND object_key = :key
                    """)
                .bind("place", place)
                .bind("key", key)
                .map(
                    row ->
                        new CutRow(
                            row.getString(1), row.getString(2), row.getLong(3), row.getString(4)))
                .findOne());
  }

  /** The parts of it that the server took, by their numbers. */
  public List<PartRow> parts(String place, String key) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT number, etag, crc32c FROM upload_part
                    WHERE place = :place AND object_key = :key ORDER BY number
                    """)
                .bind("place", place)
                .bind("key", key)
                .map(row -> new PartRow(row.getInt(1), row.getString(2), row.getString(3)))
                .list());
  }

  /**
   * True when an upload that was cut off is one of a file that still waits to be brought to a
   * remote, and is there as it was when the upload began: no scan since saw another size, time,
   * change time or inode.
   */
  public boolean isOfUnchanged(String place, String key, int remote) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT EXISTS (SELECT 1 FROM upload_cut u
                                     JOIN file f ON f.path = u.object_key
                                     JOIN copy c ON c.path = f.path AND c.remote = :remote
                                    WHERE u.place = :place AND u.object_key = :key
                                      AND f.state = 'present' AND f.missing_looks = 0
                                      AND f.stale = 0 AND f.sha256 = u.sha256
                                      AND c.state <> 'verified')
                    """)
                .bind("remote", remote)
                .bind("place", place)
                .bind("key", key)
                .mapToBoolean()
                .one());
  }

  /** Forgets, on a session of the writer, the uploads that a remote began at a place. */
  public void forgetAll(Session session, String place, int remote) {
    for (String table : List.of("upload_part", "upload_cut")) {
      session.execute(
          "DELETE FROM "
              + table
              + " WHERE place = ? AND object_key IN (SELECT path FROM upload WHERE remote = ?)",
          place,
          remote);
    }
  }

  /** Records an upload that has no parts yet; what was known of another of this key is gone. */
  public void recordBegun(String place, String key, CutRow upload) {
    catalog.commit(
        session -> {
          forget(session, place, key);
          session.execute(
              "INSERT INTO upload_cut (place, object_key, upload_id, sha256, part_size, form)"
                  + " VALUES (?, ?, ?, ?, ?, ?)",
              place,
              key,
              upload.uploadId(),
              upload.sha256(),
              upload.partSize(),
              upload.form());
        });
  }

  /** Records that the server took a part. */
  public void recordPart(String place, String key, PartRow part) {
    catalog.commit(
        session ->
            session.execute(
                "INSERT OR REPLACE INTO upload_part (place, object_key, number, etag, crc32c)"
                    + " VALUES (?, ?, ?, ?, ?)",
                place,
                key,
                part.number(),
                part.etag(),
                part.crc32c()));
  }

  /** Nothing is left to go on with. */
  public void forget(String place, String key) {
    catalog.commit(session -> forget(session, place, key));
  }

  private static void forget(Session session, String place, String key) {
    for (String table : List.of("upload_part", "upload_cut")) {
      session.execute("DELETE FROM " + table + " WHERE place = ? AND object_key = ?", place, key);
    }
  }
}
