package dev.caravan.catalog.node;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.util.Optional;

/** What a remote was proven to hold, while only time, permissions or owner of a file change. */
public final class HeldTable {

  private static final String OWED = "backup_owed.";

  private final Catalog catalog;

  public HeldTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /** What lies at a remote; empty when nothing was proven. */
  public Optional<CopyTable.Held> find(StorePath path, int remote) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT sha256, size, etag, version, proof FROM copy
                     WHERE path = :path AND remote = :remote AND sha256 IS NOT NULL
                    """)
                .bind("path", path.value())
                .bind("remote", remote)
                .map(
                    rs ->
                        new CopyTable.Held(
                            rs.getString(1),
                            rs.getLong(2),
                            Optional.ofNullable(rs.getString(3)),
                            Optional.ofNullable(rs.getString(4)),
                            rs.getString(5)))
                .findOne());
  }

  /** Records under which names the same bytes lie there now; when they were proven stays. */
  public void recordDescribed(
      Session session,
      StorePath path,
      int remote,
      Optional<String> etag,
      Optional<String> version) {
    session
        .createUpdate(
            """
            UPDATE copy SET etag = :etag, version = :version
             WHERE path = :path AND remote = :remote AND sha256 IS NOT NULL
            """)
        .bind("etag", etag.orElse(null))
        .bind("version", version.orElse(null))
        .bind("path", path.value())
        .bind("remote", remote)
        .execute();
  }

  /** True when the copy of the catalog at a remote lacks something that no object tells. */
  public boolean isBackupOwed(int remote) {
    return catalog.findMeta(OWED + remote).filter("yes"::equals).isPresent();
  }

  /** Records that it does, or that it does not any more. */
  public void recordBackupOwed(Session session, int remote, boolean owed) {
    catalog.recordMeta(session, OWED + remote, owed ? "yes" : "no");
  }
}
