package dev.caravan.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Reads what is where, in the form in which it is shown. */
public final class FileViews {

  /**
   * A file's state as one word. Only remotes that are configured count: {@code <remotes>} is the
   * list of their ids.
   */
  private static final String STATE =
      """
      CASE WHEN f.state = 'purged' THEN 'purged'
           WHEN EXISTS (SELECT 1 FROM copy c WHERE c.path = f.path AND c.state = 'failed'
                           AND c.remote IN (<remotes>)) THEN 'failed'
           WHEN EXISTS (SELECT 1 FROM copy c WHERE c.path = f.path AND c.state = 'pending'
                           AND c.remote IN (<remotes>)) THEN 'local'
           WHEN EXISTS (SELECT 1 FROM copy c WHERE c.path = f.path AND c.state = 'verified'
                           AND c.remote IN (<remotes>)) THEN 'synced'
           ELSE 'local' END
      """;

  private final Catalog catalog;

  FileViews(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Files whose path begins with {@code prefix}, in path order.
   *
   * @param remotes ids and names of the configured remotes
   * @param state one of the four words, or empty for all
   * @param after the path to go on after, {@code ""} from the start
   */
  public List<FileView> list(
      Map<Integer, String> remotes,
      String prefix,
      Optional<String> state,
      String after,
      int limit) {
    return catalog.read(
        handle -> {
          Map<String, FileView> files = new LinkedHashMap<>();
          Query query =
              handle.createQuery(
                  "SELECT * FROM (SELECT f.path, f.size, f.modified_ns,"
                      + " CASE f.stale WHEN 0 THEN f.sha256 END AS sha256, "
                      + STATE
                      + """
                       AS word FROM file f
                         WHERE f.state <> 'deleted' AND f.path > :after
                           AND f.path >= :prefix AND (:end = '' OR f.path < :end))
                       WHERE (:state IS NULL OR word = :state) ORDER BY path LIMIT :limit
                      """);
          bindRemotes(query, remotes)
              .bind("after", after)
              .bind("prefix", prefix)
              .bind("end", endOf(prefix))
              .bind("state", state.orElse(null))
              .bind("limit", limit)
              .map((rs, context) -> map(rs))
              .forEach(file -> files.put(file.path(), file));
          files.values().forEach(file -> addCopies(handle, remotes, file));
          return new ArrayList<>(files.values());
        });
  }

  private static FileView map(ResultSet rs) throws SQLException {
    return new FileView(
        rs.getString("path"),
        rs.getLong("size"),
        rs.getLong("modified_ns"),
        rs.getString("word"),
        Optional.ofNullable(rs.getString("sha256")),
        new LinkedHashMap<>());
  }

  private static void addCopies(Handle handle, Map<Integer, String> remotes, FileView file) {
    handle
        .createQuery("SELECT remote, state, verified_at, reason FROM copy WHERE path = :path")
        .bind("path", file.path())
        .map(
            (rs, context) ->
                Map.entry(
                    rs.getInt(1),
                    new FileView.CopyView(
                        rs.getString(2), rs.getLong(3), Optional.ofNullable(rs.getString(4)))))
        .forEach(
            copy -> {
              String name = remotes.get(copy.getKey());
              if (name != null) {
                file.copies().put(name, copy.getValue());
              }
            });
  }

  /** How many files and bytes are in one state. */
  public record Count(String state, long files, long bytes) {}

  public List<Count> count(Map<Integer, String> remotes) {
    return catalog.read(
        handle ->
            bindRemotes(
                    handle.createQuery(
                        "SELECT word, COUNT(*), COALESCE(SUM(size), 0) FROM (SELECT f.size, "
                            + STATE
                            + " AS word FROM file f WHERE f.state <> 'deleted') GROUP BY word"),
                    remotes)
                .map((rs, context) -> new Count(rs.getString(1), rs.getLong(2), rs.getLong(3)))
                .list());
  }

  /** Since when the longest-waiting file waits for a remote; empty when none does. */
  public Optional<Long> oldestPendingMillis(int remote) {
    return catalog.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT MIN(c.pending_at) FROM copy c JOIN file f ON f.path = c.path
                     WHERE c.remote = :remote AND c.state <> 'verified' AND f.state = 'present'
                    """)
                .bind("remote", remote)
                .mapTo(Long.class)
                .findOne());
  }

  /** How many files a remote is proven to hold. */
  public long countVerified(int remote) {
    return catalog.read(
        handle ->
            handle
                .createQuery(
                    "SELECT COUNT(*) FROM copy WHERE remote = :remote AND state = 'verified'")
                .bind("remote", remote)
                .mapTo(Long.class)
                .one());
  }

  /** One folder that holds files; files below its sub-folders are not counted here. */
  public record Folder(
      String path, long files, long bytes, long local, long purged, long oldestNs, long newestNs) {}

  public List<Folder> folders() {
    return catalog.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT rtrim(rtrim(path, replace(path, '/', '')), '/') AS folder,
                           COUNT(*), SUM(size), SUM(state = 'present'), SUM(state = 'purged'),
                           MIN(modified_ns), MAX(modified_ns)
                      FROM file WHERE state <> 'deleted' GROUP BY folder ORDER BY folder
                    """)
                .map(
                    (rs, context) ->
                        new Folder(
                            rs.getString(1),
                            rs.getLong(2),
                            rs.getLong(3),
                            rs.getLong(4),
                            rs.getLong(5),
                            rs.getLong(6),
                            rs.getLong(7)))
                .list());
  }

  private static Query bindRemotes(Query query, Map<Integer, String> remotes) {
    return query.bindList(
        "remotes", remotes.isEmpty() ? List.of(-1) : List.copyOf(remotes.keySet()));
  }

  /** The smallest text above all that begin with the prefix; {@code ""} when there is none. */
  static String endOf(String prefix) {
    return prefix.isEmpty() ? "" : prefix + "\uDBFF\uDFFF";
  }
}
