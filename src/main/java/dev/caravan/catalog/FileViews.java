package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlQuery;
import java.lang.management.ManagementFactory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Reads what is where, in the form in which it is shown. */
public final class FileViews {

  private static final long CHEAP_NANOS = 100_000_000;
  private static final int QUESTIONS_MAX = 1_000;

  /**
   * A file's state as one word. Only remotes that are configured count: {@code <remotes>} is the
   * list of their ids.
   */
  private static final String STATE =
      """
      CASE f.state WHEN 'purged' THEN 'purged' ELSE (
        SELECT CASE MAX(CASE c.state WHEN 'failed' THEN 3 WHEN 'pending' THEN 2 ELSE 1 END)
                 WHEN 3 THEN 'failed' WHEN 1 THEN 'synced' ELSE 'local' END
          FROM copy c WHERE c.path = f.path AND c.remote IN (<remotes>)) END
      """;

  /** So that the few files in a rare state are found by an index, not by a look at all. */
  private static final Map<String, String> NARROWED =
      Map.of(
          "failed",
          """
           AND f.path IN (SELECT path FROM copy WHERE state <> 'verified' AND state = 'failed'
                             AND remote IN (<remotes>))
          """,
          "purged",
          " AND f.state <> 'present' AND f.state = 'purged'\n");

  private final Catalog catalog;
  private final Costs costs;
  private final Map<Object, Counted> counted = new ConcurrentHashMap<>();

  /** What counting costs, and the time; both in nanoseconds. */
  record Costs(LongSupplier processor, LongSupplier now) {
    static final Costs REAL =
        new Costs(ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime, System::nanoTime);
  }

  /** An answer, the state of the catalog it was worked out for, and when another is due. */
  private record Counted(Object answer, long change, long dueNanos) {}

  FileViews(Catalog catalog, Costs costs) {
    this.catalog = catalog;
    this.costs = costs;
  }

  /**
   * Works out an answer, unless nothing has changed since it was worked out before. To count a
   * million files takes a second of the processor, and dashboards ask often: what takes more than a
   * tenth of a second is not worked out anew before nine times as long has passed, so that never
   * more than a tenth of a processor counts. Who comes meanwhile waits for the one who counts.
   */
  private <T> T counted(Class<T> type, Object question, Supplier<T> work) {
    if (counted.size() > QUESTIONS_MAX) {
      counted.clear();
    }
    return type.cast(
        counted.compute(
                question,
                (same, last) -> {
                  long change = catalog.changes();
                  boolean good =
                      last != null
                          && (last.change == change || costs.now.getAsLong() < last.dueNanos);
                  return good ? last : count(change, work);
                })
            .answer);
  }

  private Counted count(long change, Supplier<?> work) {
    long begun = costs.processor.getAsLong();
    Object answer = work.get();
    long took = costs.processor.getAsLong() - begun;
    long now = costs.now.getAsLong();
    return new Counted(answer, change, took < CHEAP_NANOS ? now : now + 9 * took);
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
        session -> {
          Map<String, FileView> files = new LinkedHashMap<>();
          SqlQuery query =
              session.createQuery(
                  "SELECT * FROM (SELECT f.path, f.size, f.modified_ns,"
                      + " CASE f.stale WHEN 0 THEN f.sha256 END AS sha256, "
                      + STATE
                      + """
                       AS word FROM file f
                         WHERE f.state <> 'deleted' AND f.path > :after
                           AND f.path >= :prefix AND (:end = '' OR f.path < :end)
                      """
                      + state.map(NARROWED::get).orElse("")
                      + ") WHERE (:state IS NULL OR word = :state) ORDER BY path LIMIT :limit");
          bindRemotes(query, remotes)
              .bind("after", after)
              .bind("prefix", prefix)
              .bind("end", endOf(prefix))
              .bind("state", state.orElse(null))
              .bind("limit", limit)
              .map(rs -> map(rs))
              .forEach(file -> files.put(file.path(), file));
          files.values().forEach(file -> addCopies(session, remotes, file));
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

  private static void addCopies(Session session, Map<Integer, String> remotes, FileView file) {
    session
        .createQuery(
            "SELECT remote, CASE WHEN state = 'verified' AND proof = 'none' THEN 'sent'"
                + " WHEN state = 'verified' AND proof = 'snapshot' THEN 'snapshot'"
                + " ELSE state END, verified_at, reason FROM copy WHERE path = :path")
        .bind("path", file.path())
        .map(
            rs ->
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

  /** How many there are in each state that occurs. */
  public List<Count> count(Map<Integer, String> remotes) {
    Counts counts =
        counted(
            Counts.class, List.of("files", Set.copyOf(remotes.keySet())), () -> countAll(remotes));
    return counts.list;
  }

  private record Counts(List<Count> list) {}

  private Counts countAll(Map<Integer, String> remotes) {
    return new Counts(
        catalog.read(
            session ->
                bindRemotes(
                        session.createQuery(
                            "SELECT word, COUNT(*), COALESCE(SUM(size), 0) FROM (SELECT f.size, "
                                + STATE
                                + " AS word FROM file f WHERE f.state <> 'deleted') GROUP BY word"),
                        remotes)
                    .map(rs -> new Count(rs.getString(1), rs.getLong(2), rs.getLong(3)))
                    .list()));
  }

  /** Since when the longest-waiting file waits for a remote; empty when none does. */
  public Optional<Long> oldestPendingMillis(int remote) {
    return oldest(
        """
        SELECT MIN(c.pending_at) FROM copy c JOIN file f ON f.path = c.path
         WHERE c.remote = :remote AND c.state <> 'verified' AND f.state = 'present'
        """,
        remote);
  }

  /** When that was proven at a remote which was proven longest ago; empty when nothing is. */
  public Optional<Long> oldestProofMillis(int remote) {
    return oldest(
        """
        SELECT MIN(verified_at) FROM copy
         WHERE remote = :remote AND state = 'verified' AND proof <> 'none' AND proof <> 'snapshot'
        """,
        remote);
  }

  private Optional<Long> oldest(String sql, int remote) {
    long oldest =
        counted(Long.class, List.of(sql, remote), () -> readOldest(sql, remote).orElse(-1L));
    return oldest < 0 ? Optional.empty() : Optional.of(oldest);
  }

  private Optional<Long> readOldest(String sql, int remote) {
    return catalog.read(
        session -> session.createQuery(sql).bind("remote", remote).mapToLong().findOne());
  }

  /** How many files a remote is proven to hold. */
  public long countVerified(int remote) {
    return counted(Long.class, List.of("verified", remote), () -> readVerified(remote));
  }

  /** How many files of the store a remote has yet to be given. */
  public long countPending(int remote) {
    return counted(
        Long.class, List.of("pending", remote), () -> catalog.copies().countOpen(remote).files());
  }

  private long readVerified(int remote) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    "SELECT COUNT(*) FROM copy WHERE remote = :remote AND state = 'verified'"
                        + " AND proof <> 'none' AND proof <> 'snapshot'")
                .bind("remote", remote)
                .mapToLong()
                .one());
  }

  /** One folder that holds files; files below its sub-folders are not counted here. */
  public record Folder(
      String path, long files, long bytes, long local, long purged, long oldestNs, long newestNs) {}

  /**
   * Folders in path order.
   *
   * @param after the folder to go on after; empty from the start
   */
  public List<Folder> folders(Optional<String> after, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT rtrim(rtrim(path, replace(path, '/', '')), '/') AS folder,
                           COUNT(*), SUM(size), SUM(state = 'present'), SUM(state = 'purged'),
                           MIN(modified_ns), MAX(modified_ns)
                      FROM file WHERE state <> 'deleted' GROUP BY folder
                    HAVING :after IS NULL OR folder > :after ORDER BY folder LIMIT :limit
                    """)
                .bind("after", after.orElse(null))
                .bind("limit", limit)
                .map(rs -> folder(rs))
                .list());
  }

  private static Folder folder(ResultSet rs) throws SQLException {
    return new Folder(
        rs.getString(1),
        rs.getLong(2),
        rs.getLong(3),
        rs.getLong(4),
        rs.getLong(5),
        rs.getLong(6),
        rs.getLong(7));
  }

  private static SqlQuery bindRemotes(SqlQuery query, Map<Integer, String> remotes) {
    return query.bindList(
        "remotes", remotes.isEmpty() ? List.of(-1) : List.copyOf(remotes.keySet()));
  }

  /** The smallest text above all that begin with the prefix; {@code ""} when there is none. */
  static String endOf(String prefix) {
    return prefix.isEmpty() ? "" : prefix + "\uDBFF\uDFFF";
  }
}
