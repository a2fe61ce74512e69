package dev.caravan.catalog.past;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What the catalog knows of paths, those of deleted files among them. */
public final class PastTable {

  /** Above all text. */
  private static final String LAST = new String(Character.toChars(0x10FFFF));

  private final Catalog catalog;

  public PastTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Paths at this name or below it, in byte order.
   *
   * @param root a store path, or {@code ""} for all
   */
  public List<PastFacts> below(String root, Optional<StorePath> after, int limit) {
    return catalog.read(
        session -> {
          List<StorePath> paths = paths(session, root, after, limit);
          return paths.isEmpty() ? List.of() : facts(session, paths);
        });
  }

  /** Records that nobody knows when a remote got what it holds. */
  public static void forgetArrival(Session session, StorePath path, int remote) {
    session
        .createUpdate("UPDATE copy SET stored_at = NULL WHERE path = :path AND remote = :remote")
        .bind("path", path.value())
        .bind("remote", remote)
        .execute();
  }

  /** True when some remote holds, or may hold, another version than this under the path. */
  public boolean isOtherHeld(StorePath path, String sha256) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT EXISTS (
                      SELECT 1 FROM copy
                       WHERE path = :path
                         AND (sha256 <> :sha256
                              OR (sha256 IS NULL AND (stored_at IS NOT NULL
                                                      OR verified_at IS NOT NULL))))
                    """)
                .bind("path", path.value())
                .bind("sha256", sha256)
                .mapToBoolean()
                .one());
  }

  private static List<StorePath> paths(
      Session session, String root, Optional<StorePath> after, int limit) {
    // A slash is followed by a zero in byte order.
    String where =
        """
         WHERE path > :after AND path >= :root AND path < :end
           AND (:root = '' OR path = :root OR path > :root || '/')
        """;
    return session
        .createQuery(
            "SELECT path FROM file"
                + where
                + " UNION SELECT path FROM trashed"
                + where
                + " AND path IS NOT NULL ORDER BY path LIMIT :limit")
        .bind("root", root)
        .bind("after", after.map(StorePath::value).orElse(""))
        .bind("end", root.isEmpty() ? LAST : root + "0")
        .bind("limit", limit)
        .map(rs -> StorePath.of(rs.getString(1)))
        .list();
  }

  private static List<PastFacts> facts(Session session, List<StorePath> paths) {
    Map<String, PastFacts> facts = new LinkedHashMap<>();
    for (StorePath path : paths) {
      facts.put(
          path.value(),
          new PastFacts(path, Optional.empty(), new ArrayList<>(), new ArrayList<>()));
    }
    String between = " WHERE path BETWEEN :first AND :last";
    between(
        session,
        """
        SELECT path, state, modified_ns, mode, CASE stale WHEN 0 THEN sha256 END, known_at
          FROM file
        """
            + between,
        paths,
        (path, rs) -> facts.computeIfPresent(path, (key, old) -> withFile(old, rs)));
    between(
        session,
        "SELECT path, remote, sha256, size, stored_at FROM copy"
            + between
            + " AND sha256 IS NOT NULL",
        paths,
        (path, rs) -> facts.computeIfPresent(path, (key, old) -> withCopy(old, rs)));
    between(
        session,
        """
        SELECT path, remote, day, name, sha256, size, modified_ns, mode, known_at, stored_at,
               trashed_at
          FROM trashed
        """
            + between
            + " ORDER BY remote, day, name",
        paths,
        (path, rs) -> facts.computeIfPresent(path, (key, old) -> withTrash(old, rs)));
    return List.copyOf(facts.values());
  }

  private interface Row {
    void take(String path, ResultSet rs) throws SQLException;
  }

  private static void between(Session session, String sql, List<StorePath> paths, Row row) {
    session
        .createQuery(sql)
        .bind("first", paths.get(0).value())
        .bind("last", paths.get(paths.size() - 1).value())
        .map(
            rs -> {
              row.take(rs.getString(1), rs);
              return true;
            })
        .list();
  }

  private static PastFacts withFile(PastFacts old, ResultSet rs) {
    try {
      PastFacts.Known known =
          new PastFacts.Known(
              FileRow.State.valueOf(rs.getString(2).toUpperCase(Locale.ROOT)),
              rs.getLong(3),
              rs.getInt(4),
              Optional.ofNullable(rs.getString(5)),
              time(rs, 6));
      return new PastFacts(old.path(), Optional.of(known), old.copies(), old.trash());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PastFacts withCopy(PastFacts old, ResultSet rs) {
    try {
      old.copies()
          .add(new PastFacts.Copy(rs.getInt(2), rs.getString(3), rs.getLong(4), time(rs, 5)));
      return old;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PastFacts withTrash(PastFacts old, ResultSet rs) {
    try {
      LocalDate day = LocalDate.parse(rs.getString(3));
      Optional<Instant> exact = time(rs, 11);
      Instant dawn = day.atStartOfDay(ZoneOffset.UTC).toInstant();
      Instant dusk = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
      old.trash()
          .add(
              new PastFacts.Trashed(
                  rs.getInt(2),
                  day.toString(),
                  rs.getString(4),
                  Optional.ofNullable(rs.getString(5)),
                  number(rs, 6),
                  number(rs, 7),
                  rs.getInt(8),
                  time(rs, 9),
                  time(rs, 10),
                  exact.orElse(dawn),
                  exact.orElse(dusk)));
      return old;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OptionalLong number(ResultSet rs, int column) throws SQLException {
    long value = rs.getLong(column);
    return rs.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static Optional<Instant> time(ResultSet rs, int column) throws SQLException {
    OptionalLong millis = number(rs, column);
    return millis.isPresent()
        ? Optional.of(Instant.ofEpochMilli(millis.getAsLong()))
        : Optional.empty();
  }
}
