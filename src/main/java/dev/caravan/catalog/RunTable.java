package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The run history. Changes are made on a session of the catalog's writer. What may have to be told
 * to somebody is noted in the same transaction.
 */
public final class RunTable {

  private final Catalog catalog;

  RunTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public void insert(Session session, RunRow run) {
    session
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
  public boolean recordBegin(Session session, RunId id, long nowMillis) {
    boolean begun =
        session
                .createUpdate(
                    """
                    UPDATE run SET state = 'running', started_at = :now
                     WHERE run_id = :id AND state = 'queued'
                    """)
                .bind("now", nowMillis)
                .bind("id", id.value())
                .execute()
            == 1;
    if (begun) {
      note(session, id);
    }
    return begun;
  }

  /** A dry run is news to nobody. */
  private static void note(Session session, RunId id) {
    session.execute(
        """
        INSERT INTO run_news (run_id, state)
        SELECT run_id, state FROM run WHERE run_id = ? AND dry_run = 0
        """,
        id.value());
  }

  public void recordReport(Session session, RunId id, String report) {
    session
        .createUpdate("UPDATE run SET report = :report WHERE run_id = :id AND state = 'running'")
        .bind("report", report)
        .bind("id", id.value())
        .execute();
  }

  /** Adds to the report of a run that has ended; its state stays as it is. */
  public void recordRemark(Session session, RunId id, String report) {
    session
        .createUpdate("UPDATE run SET report = :report WHERE run_id = :id AND ended_at IS NOT NULL")
        .bind("report", report)
        .bind("id", id.value())
        .execute();
  }

  /** Ends a run that is queued or running; an ended run stays as it is. */
  public void recordEnd(
      Session session, RunId id, RunState state, Optional<String> error, String report, long now) {
    int ended =
        session
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
    if (ended == 1) {
      note(session, id);
    }
  }

  /** Ends what a dead process left queued or running; returns how many were running. */
  public int recordInterrupted(Session session, long nowMillis) {
    session
        .createUpdate(
            """
            UPDATE run SET state = 'cancelled', ended_at = :now,
                           error = 'Caravan stopped before this run began'
             WHERE state = 'queued'
            """)
        .bind("now", nowMillis)
        .execute();
    session.execute(
        """
        INSERT INTO run_news (run_id, state)
        SELECT run_id, 'interrupted' FROM run WHERE state = 'running' AND dry_run = 0
        """);
    return session
        .createUpdate(
            """
            UPDATE run SET state = 'interrupted', ended_at = :now,
                           error = 'Caravan ended while this run was running; the next run goes on'
             WHERE state = 'running'
            """)
        .bind("now", nowMillis)
        .execute();
  }

  /** Ends runs whose end could not be recorded when it came; nothing of the operation may run. */
  public int recordLost(Session session, Operation operation, long nowMillis) {
    session.execute(
        """
        INSERT INTO run_news (run_id, state)
        SELECT run_id, 'failed' FROM run
         WHERE state = 'running' AND operation = ? AND dry_run = 0
        """,
        operation.label());
    return session
        .createUpdate(
            """
            UPDATE run SET state = 'failed', ended_at = :now,
                           error = 'Its end could not be recorded: see to the disk of the catalog'
             WHERE state = 'running' AND operation = :operation
            """)
        .bind("now", nowMillis)
        .bind("operation", operation.label())
        .execute();
  }

  public Optional<RunRow> find(RunId id) {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT * FROM run WHERE run_id = :id")
                .bind("id", id.value())
                .map(rs -> map(rs))
                .findOne());
  }

  /** A run and its place in the history. */
  public record Placed(long seq, RunRow run) {}

  /** Newest first. */
  public List<RunRow> list(Optional<Operation> operation, Optional<RunState> state, int limit) {
    return page(operation, state, Long.MAX_VALUE, limit).stream().map(Placed::run).toList();
  }

  /** Those before a place in the history, newest first. */
  public List<Placed> page(
      Optional<Operation> operation, Optional<RunState> state, long beforeSeq, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT * FROM run
                     WHERE seq < :before
                       AND (:operation IS NULL OR operation = :operation)
                       AND (:state IS NULL OR state = :state)
                     ORDER BY seq DESC LIMIT :limit
                    """)
                .bind("before", beforeSeq)
                .bind("operation", operation.map(Operation::label).orElse(null))
                .bind("state", state.map(RunState::label).orElse(null))
                .bind("limit", limit)
                .map(rs -> new Placed(rs.getLong("seq"), map(rs)))
                .list());
  }

  /** The last run of this operation that ended; dry runs do not count. */
  public Optional<RunRow> findLastEnded(Operation operation) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT * FROM run
                     WHERE operation = :operation AND ended_at IS NOT NULL AND dry_run = 0
                     ORDER BY seq DESC LIMIT 1
                    """)
                .bind("operation", operation.label())
                .map(rs -> map(rs))
                .findOne());
  }

  /** Forgets runs that ended before; failed runs stay, and so does the newest. */
  public int forgetBefore(Session session, long millis) {
    int runs =
        session
            .createUpdate(
                """
                DELETE FROM run WHERE ended_at < :before AND state <> 'failed'
                   AND seq < (SELECT MAX(seq) FROM run)
                """)
            .bind("before", millis)
            .execute();
    if (runs > 0) {
      session.execute("DELETE FROM item WHERE run_id NOT IN (SELECT run_id FROM run)");
    }
    return runs;
  }

  /**
   * What a request with a key was answered.
   *
   * @param fingerprint of all that was asked
   */
  public record Keyed(String fingerprint, RunId run, String status) {}

  /** The answer to a key that was not sent before this time. */
  public Optional<Keyed> findKeyed(String key, long sinceMillis) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT fingerprint, run_id, status FROM run_key
                     WHERE key = :key AND asked_at >= :since
                    """)
                .bind("key", key)
                .bind("since", sinceMillis)
                .map(rs -> new Keyed(rs.getString(1), new RunId(rs.getString(2)), rs.getString(3)))
                .findOne());
  }

  public void recordKeyed(Session session, String key, Keyed answer, long nowMillis) {
    session
        .createUpdate(
            """
            INSERT OR REPLACE INTO run_key (key, fingerprint, run_id, status, asked_at)
            VALUES (:key, :fingerprint, :run, :status, :now)
            """)
        .bind("key", key)
        .bind("fingerprint", answer.fingerprint())
        .bind("run", answer.run().value())
        .bind("status", answer.status())
        .bind("now", nowMillis)
        .execute();
  }

  /** Forgets keys that are older than this, and the oldest beyond a number. */
  public void forgetKeys(Session session, long beforeMillis, int max) {
    session
        .createUpdate(
            """
            DELETE FROM run_key WHERE asked_at < :before OR key IN (
              SELECT key FROM run_key ORDER BY asked_at DESC LIMIT -1 OFFSET :max)
            """)
        .bind("before", beforeMillis)
        .bind("max", max)
        .execute();
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
