package dev.caravan.catalog.export;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlQuery;
import dev.caravan.catalog.sql.SqlUpdate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The exports. Every change is committed when its call returns, and guards the old state. */
public final class ExportTable {

  private static final String ALL =
      """
      SELECT id, task_id, state, format, destination, files_named, requested_at, changed_at,
             task_ended_at, task_good, read_ts, folder, attempts, unknowns, next_at, run_id, error
      FROM export
      """;

  private final Catalog catalog;

  public ExportTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Records an export that was just seen; one of the same task is the same export.
   *
   * @param error why it cannot be followed; it is failed then
   * @return its id, or empty when it was known already
   */
  public Optional<Long> insert(Optional<String> taskId, ExportRow.Ask ask, String error, long now) {
    boolean over = taskId.isEmpty() && error.isEmpty();
    String state = error.isEmpty() ? "queued" : "failed";
    return catalog.write(
        session -> {
          int rows =
              session
                  .createUpdate(
                      """
                      INSERT INTO export (task_id, state, format, destination, files_named,
                          requested_at, changed_at, task_ended_at, task_good, next_at, error)
                      VALUES (:task, :state, :format, :destination, :named,
                          :at, :now, :ended, :good, :next, :error)
                      ON CONFLICT (task_id) WHERE task_id IS NOT NULL DO NOTHING
                      """)
                  .bind("task", taskId.orElse(null))
                  .bind("state", state)
                  .bind("format", ask.format())
                  .bind("destination", ask.destination().orElse(null))
                  .bind("named", ask.named().isEmpty() ? null : String.join("\n", ask.named()))
                  .bind("at", ask.atMillis())
                  .bind("now", now)
                  .bind("ended", over ? now : null)
                  .bind("good", over ? 1 : null)
                  .bind("next", error.isEmpty() ? now : null)
                  .bind("error", error.isEmpty() ? null : error)
                  .execute();
          return rows == 0
              ? Optional.empty()
              : session.createQuery("SELECT max(id) FROM export").mapToLong().findOne();
        });
  }

  /** One export. */
  public Optional<ExportRow> find(long id) {
    return catalog.read(
        session ->
            session
                .createQuery(ALL + "WHERE id = :id")
                .bind("id", id)
                .map(ExportTable::row)
                .findOne());
  }

  /** The exports for which something is to be done by now, the oldest first. */
  public List<ExportRow> due(long now, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(ALL + "WHERE next_at <= :now ORDER BY id LIMIT :limit")
                .bind("now", now)
                .bind("limit", limit)
                .map(ExportTable::row)
                .list());
  }

  /** Exports that were seen before or after another, the newest first. */
  public List<ExportRow> page(Optional<ExportState> state, long before, int limit) {
    return catalog.read(
        session -> {
          String wanted = state.isPresent() ? " AND state = :state" : "";
          SqlQuery query =
              session
                  .createQuery(
                      ALL + "WHERE id < :before" + wanted + " ORDER BY id DESC LIMIT :limit")
                  .bind("before", before)
                  .bind("limit", limit);
          state.ifPresent(s -> query.bind("state", s.label()));
          return query.map(ExportTable::row).list();
        });
  }

  /** Exports seen since, of any state, the oldest first. */
  public List<ExportRow> since(long requestedMillis, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(ALL + "WHERE requested_at >= :since ORDER BY id LIMIT :limit")
                .bind("since", requestedMillis)
                .bind("limit", limit)
                .map(ExportTable::row)
                .list());
  }

  /** The Alpha works on it, or does not yet; asked again later. */
  public void recordAsked(
      long id, ExportState state, int unknowns, String error, long next, long now) {
    change(
        """
        UPDATE export SET state = :state, unknowns = :unknowns, error = :error, next_at = :next,
          changed_at = :now
        WHERE id = :id AND state IN ('queued', 'running')
        """,
        id,
        update ->
            update
                .bind("state", state.label())
                .bind("unknowns", unknowns)
                .bind("error", error.isEmpty() ? null : error)
                .bind("next", next),
        now);
  }

  /** The Alpha has ended the task. */
  public void recordTaskEnd(long id, boolean good, long endedMillis, long now) {
    change(
        """
        UPDATE export SET task_good = :good, task_ended_at = :ended, unknowns = 0, attempts = 0,
          error = NULL, next_at = :now, changed_at = :now
        WHERE id = :id AND task_good IS NULL
        """,
        id,
        update -> update.bind("good", good ? 1 : 0).bind("ended", endedMillis),
        now);
  }

  /** A try to bring its files begins. */
  public void recordBegin(long id, String runId, long now) {
    change(
        """
        UPDATE export SET state = 'uploading', run_id = :run, changed_at = :now
        WHERE id = :id AND state NOT IN ('done', 'failed', 'expired')
        """,
        id,
        update -> update.bind("run", runId),
        now);
  }

  /** All that is left to do is to ask for what was sent. */
  public void recordVerifying(long id, long now) {
    change(
        "UPDATE export SET state = 'verifying', changed_at = :now"
            + " WHERE id = :id AND state = 'uploading'",
        id,
        update -> {},
        now);
  }

  /** It is tried again later. */
  public void recordDelay(long id, int attempts, String error, long next, long now) {
    change(
        """
        UPDATE export SET attempts = :attempts, error = :error, next_at = :next, changed_at = :now
        WHERE id = :id AND state NOT IN ('done', 'failed', 'expired')
        """,
        id,
        update ->
            update
                .bind("attempts", attempts)
                .bind("error", error.isEmpty() ? null : error)
                .bind("next", next),
        now);
  }

  /** Nothing more happens to it by itself. */
  public boolean recordEnd(long id, ExportState end, String error, long now) {
    return change(
        """
        UPDATE export SET state = :state, error = :error, next_at = NULL, changed_at = :now
        WHERE id = :id AND state NOT IN ('done', 'failed', 'expired')
        """,
        id,
        update -> update.bind("state", end.label()).bind("error", error.isEmpty() ? null : error),
        now);
  }

  /** A person wants another try; false where there is nothing to try. */
  public boolean recordRetry(long id, long now) {
    return change(
        """
        UPDATE export SET state = CASE WHEN task_good = 1 THEN 'uploading' ELSE 'queued' END,
          attempts = 0, unknowns = 0, next_at = :now, changed_at = :now, retried_at = :now
        WHERE id = :id AND state IN ('failed', 'expired') AND coalesce(task_good, 1) = 1
          AND (task_id IS NOT NULL OR task_good = 1)
        """,
        id,
        update -> {},
        now);
  }

  /** When a person last asked for another try, milliseconds since 1970; empty where nobody did. */
  public Optional<Long> findRetried(long id) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT retried_at FROM export WHERE id = :id AND retried_at > 0")
                .bind("id", id)
                .mapToLong()
                .findOne());
  }

  /** What nobody needs to look at any more; rows of what is not done stay. */
  public void forgetBefore(long millis) {
    catalog.commit(
        session -> {
          String old = "SELECT id FROM export WHERE state = 'done' AND changed_at < ?";
          session.execute("DELETE FROM export_file WHERE export IN (" + old + ")", millis);
          session.execute("DELETE FROM export_folder WHERE export IN (" + old + ")", millis);
          session.execute("DELETE FROM export WHERE state = 'done' AND changed_at < ?", millis);
        });
  }

  /** True while something is to be done for any of them. */
  public boolean hasUnended() {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT EXISTS (SELECT 1 FROM export WHERE next_at IS NOT NULL)")
                .mapToBoolean()
                .one());
  }

  private interface Values {
    void bind(SqlUpdate update);
  }

  private boolean change(String sql, long id, Values values, long now) {
    return catalog.write(
        (Session session) -> {
          SqlUpdate update = session.createUpdate(sql).bind("id", id).bind("now", now);
          values.bind(update);
          return update.execute() > 0;
        });
  }

  private static ExportRow row(ResultSet row) throws SQLException {
    String named = row.getString(6);
    return new ExportRow(
        row.getLong(1),
        Optional.ofNullable(row.getString(2)),
        ExportState.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        new ExportRow.Ask(
            row.getString(4),
            Optional.ofNullable(row.getString(5)),
            named == null ? List.of() : List.of(named.split("\n")),
            row.getLong(7)),
        new ExportRow.Task(
            number(row, 9),
            number(row, 10).map(good -> good == 1),
            Optional.ofNullable(row.getString(11)),
            Optional.ofNullable(row.getString(12)),
            row.getInt(14),
            row.getLong(8)),
        row.getInt(13),
        number(row, 15),
        Optional.ofNullable(row.getString(16)),
        Optional.ofNullable(row.getString(17)));
  }

  private static Optional<Long> number(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(value);
  }
}
