package dev.caravan.catalog;

import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The run history. Changes are made on a handle of the catalog's writer. */
public final class RunTable {

  private final Catalog catalog;

  RunTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public void insert(Handle handle, RunRow run) {
    handle
        .createUpdate(
            """
            INSERT INTO run (run_id, operation, cause, state, dry_run, requested_at)
            VALUES (:id, :operation, :cause, :state, :dryRun, :requested)
            """)
        .bind("id", run.id().value())
        .bind("operation", run.operation().label())
        .bind("cause", run.trigger().label())
        .bind("state", run.state().label())
        .bind("dryRun", run.dryRun())
        .bind("requested", run.requestedMillis())
        .execute();
  }

  /** Moves a queued run to running; false when it is not queued any more. */
  public boolean recordBegin(Handle handle, RunId id, long nowMillis) {
    return handle
            .createUpdate(
                """
                UPDATE run SET state = 'running', started_at = :now
                 WHERE run_id = :id AND state = 'queued'
                """)
            .bind("now", nowMillis)
            .bind("id", id.value())
            .execute()
        == 1;
  }

  public void recordReport(Handle handle, RunId id, String report) {
    handle
        .createUpdate("UPDATE run SET report = :report WHERE run_id = :id AND state = 'running'")
        .bind("report", report)
        .bind("id", id.value())
        .execute();
  }

  /** Ends a run that is queued or running; an ended run stays as it is. */
  public void recordEnd(
      Handle handle, RunId id, RunState state, Optional<String> error, String report, long now) {
    handle
        .createUpdate(
            """
            UPDATE run SET state = :state, error = :error, report = :report, ended_at = :now
             WHERE run_id = :id AND state IN ('queued', 'running')
            """)
        .bind("state", state.label())
        .bind("error", error.orElse(null))
        .bind("report", report)
        .bind("now", now)
        .bind("id", id.value())
        .execute();
  }

  /** Ends what a dead process left queued or running; returns how many were running. */
  public int recordInterrupted(Handle handle, long nowMillis) {
    handle
        .createUpdate(
            """
            UPDATE run SET state = 'cancelled', ended_at = :now,
                           error = 'Caravan stopped before this run began'
             WHERE state = 'queued'
            """)
        .bind("now", nowMillis)
        .execute();
    return handle
        .createUpdate(
            """
            UPDATE run SET state = 'interrupted', ended_at = :now,
                           error = 'Caravan ended while this run was running; the next run goes on'
             WHERE state = 'running'
            """)
        .bind("now", nowMillis)
        .execute();
  }

  public Optional<RunRow> find(RunId id) {
    return catalog.read(
        handle ->
            handle
                .createQuery("SELECT * FROM run WHERE run_id = :id")
                .bind("id", id.value())
                .map((rs, context) -> map(rs))
                .findOne());
  }

  /** Newest first. */
  public List<RunRow> list(Optional<Operation> operation, Optional<RunState> state, int limit) {
    return catalog.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT * FROM run
                     WHERE (:operation IS NULL OR operation = :operation)
                       AND (:state IS NULL OR state = :state)
                     ORDER BY seq DESC LIMIT :limit
                    """)
                .bind("operation", operation.map(Operation::label).orElse(null))
                .bind("state", state.map(RunState::label).orElse(null))
                .bind("limit", limit)
                .map((rs, context) -> map(rs))
                .list());
  }

  /** The last run of this operation that ended; dry runs do not count. */
  public Optional<RunRow> findLastEnded(Operation operation) {
    return catalog.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT * FROM run
                     WHERE operation = :operation AND ended_at IS NOT NULL AND dry_run = 0
                     ORDER BY seq DESC LIMIT 1
                    """)
                .bind("operation", operation.label())
                .map((rs, context) -> map(rs))
                .findOne());
  }

  /** Forgets runs that ended before; failed runs stay, and so does the newest. */
  public int forgetBefore(Handle handle, long millis) {
    int runs =
        handle
            .createUpdate(
                """
                DELETE FROM run WHERE ended_at < :before AND state NOT IN ('failed', 'halted')
                   AND seq < (SELECT MAX(seq) FROM run)
                """)
            .bind("before", millis)
            .execute();
    if (runs > 0) {
      handle.execute("DELETE FROM item WHERE run_id NOT IN (SELECT run_id FROM run)");
    }
    return runs;
  }

  private static RunRow map(ResultSet rs) throws SQLException {
    return new RunRow(
        new RunId(rs.getString("run_id")),
        Operation.valueOf(rs.getString("operation").toUpperCase(Locale.ROOT)),
        Trigger.valueOf(rs.getString("cause").toUpperCase(Locale.ROOT)),
        RunState.of(rs.getString("state")),
        rs.getBoolean("dry_run"),
        rs.getLong("requested_at"),
        rs.getLong("started_at"),
        rs.getLong("ended_at"),
        Optional.ofNullable(rs.getString("error")),
        rs.getString("report"));
  }
}
