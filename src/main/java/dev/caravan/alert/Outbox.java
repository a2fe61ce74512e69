package dev.caravan.alert;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.json.Json;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What runs came to, and the messages that follow from it, until they have arrived. */
final class Outbox {

  /** Messages on their way; the oldest give way. Only a flood over weeks comes near it. */
  private static final int MESSAGES_MAX = 1_000;

  private static final int NEWS_MAX = 1_000;

  private final Catalog catalog;

  Outbox(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A message that waits.
   *
   * @param attempts how often it was tried
   * @param retryAtMillis not before then
   */
  record Waiting(long seq, Message message, int attempts, long retryAtMillis) {}

  /** Turns all news into messages, at once or not at all; answers with what is new. */
  List<Message> plan(AlertPolicy policy) {
    return catalog.write(
        session ->
            news(session).stream().flatMap(each -> plan(session, each, policy).stream()).toList());
  }

  private static List<RunNews> news(Session session) {
    return session
        .createQuery(
            """
            SELECT n.seq, n.run_id, n.state, r.operation, r.started_at, r.error,
                   COALESCE(r.ended_at, r.started_at, r.requested_at) AS at,
                   n.state = 'partial'
                     AND COALESCE(json_extract(r.report, '$.counts.failed'), 0) = 0
                     AND EXISTS (SELECT 1 FROM json_each(r.report, '$.remotes') m
                                  WHERE json_extract(m.value, '$.state') = 'paused'
                                    AND json_extract(m.value, '$.error') IS NOT NULL)
                     AND NOT EXISTS (SELECT 1 FROM json_each(r.report, '$.remotes') m
                                      WHERE json_extract(m.value, '$.state')
                                            IN ('failed', 'partial')) AS held
              FROM run_news n JOIN run r ON r.run_id = n.run_id
             ORDER BY n.seq LIMIT :most
            """)
        .bind("most", NEWS_MAX)
        .map(rs -> newsOf(rs))
        .list();
  }

  private static RunNews newsOf(ResultSet rs) throws SQLException {
    return new RunNews(
        rs.getLong("seq"),
        new RunId(rs.getString("run_id")),
        operation(rs),
        // What a person holds back, they know of, as of what they cancel.
        rs.getBoolean("held") ? RunState.CANCELLED : RunState.of(rs.getString("state")),
        rs.getLong("started_at") > 0,
        rs.getLong("at"),
        Optional.ofNullable(rs.getString("error")));
  }

  private static Operation operation(ResultSet rs) throws SQLException {
    return Operation.valueOf(rs.getString("operation").toUpperCase(Locale.ROOT));
  }

  private static List<Message> plan(Session session, RunNews news, AlertPolicy policy) {
    AlertPlan plan =
        AlertPlanner.plan(news, streak(session, news.operation()), openHalt(session), policy);
    record(session, plan.streak());
    plan.messages().forEach(message -> insert(session, message));
    session.execute("DELETE FROM run_news WHERE seq <= ?", news.seq());
    return plan.messages();
  }

  private static Streak streak(Session session, Operation operation) {
    return session
        .createQuery("SELECT * FROM streak WHERE operation = :operation")
        .bind("operation", operation.label())
        .map(
            rs ->
                new Streak(
                    operation,
                    rs.getInt("failures"),
                    rs.getBoolean("alerted"),
                    Optional.ofNullable(rs.getString("alerted_halt"))))
        .findOne()
        .orElse(Streak.none(operation));
  }

  /** How often runs failed in a row, by operation. */
  Map<String, Integer> streaks() {
    return catalog.read(
        session -> {
          Map<String, Integer> all = new TreeMap<>();
          session
              .createQuery("SELECT operation, failures FROM streak")
              .map(rs -> Map.entry(rs.getString("operation"), rs.getInt("failures")))
              .list()
              .forEach(each -> all.put(each.getKey(), each.getValue()));
          return all;
        });
  }

  private static Optional<String> openHalt(Session session) {
    return session
        .createQuery("SELECT kind FROM halt WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1")
        .mapToString()
        .findOne();
  }

  private static void record(Session session, Streak streak) {
    session
        .createUpdate(
            """
            INSERT INTO streak (operation, failures, alerted, alerted_halt)
            VALUES (:operation, :failures, :alerted, :halt)
            ON CONFLICT (operation) DO UPDATE SET failures = excluded.failures,
              alerted = excluded.alerted, alerted_halt = excluded.alerted_halt
            """)
        .bind("operation", streak.operation().label())
        .bind("failures", streak.failures())
        .bind("alerted", streak.alerted())
        .bind("halt", streak.alertedHalt().orElse(null))
        .execute();
  }

  /** Puts a message on its way that no run is the news of; once, however often it is put there. */
  void put(Message message) {
    catalog.commit(session -> insert(session, message));
  }

  /** A ping that could not be sent gives way to a newer one of its kind: it is old news. */
  private static void insert(Session session, Message message) {
    session
        .createUpdate(
            """
            DELETE FROM outbox
             WHERE channel = 'ping' AND attempts > 0 AND kind = :kind AND operation = :operation
            """)
        .bind("kind", message.kind().label())
        .bind("operation", message.operation().label())
        .execute();
    session
        .createUpdate(
            """
            INSERT INTO outbox (id, channel, kind, operation, body)
            VALUES (:id, :channel, :kind, :operation, :body)
            ON CONFLICT (id) DO NOTHING
            """)
        .bind("id", message.id())
        .bind("channel", message.channel().label())
        .bind("kind", message.kind().label())
        .bind("operation", message.operation().label())
        .bind("body", Json.write(message.body()))
        .execute();
    session.execute(
        "DELETE FROM outbox WHERE seq <= (SELECT MAX(seq) FROM outbox) - ?", MESSAGES_MAX);
  }

  /** The one that is to be sent next on this way: they keep their order. */
  Optional<Waiting> findNext(Message.Channel channel) {
    return catalog.write(
        session ->
            session
                .createQuery("SELECT * FROM outbox WHERE channel = :channel ORDER BY seq LIMIT 1")
                .bind("channel", channel.label())
                .map(rs -> waitingOf(rs))
                .findOne());
  }

  private static Waiting waitingOf(ResultSet rs) throws SQLException {
    return new Waiting(
        rs.getLong("seq"),
        new Message(
            rs.getString("id"),
            Message.Channel.valueOf(rs.getString("channel").toUpperCase(Locale.ROOT)),
            Message.Kind.of(rs.getString("kind")),
            operation(rs),
            body(rs.getString("body"))),
        rs.getInt("attempts"),
        rs.getLong("retry_at"));
  }

  /** Forgets a message: it has arrived, or is given up. */
  void forget(Waiting waiting) {
    catalog.commit(session -> session.execute("DELETE FROM outbox WHERE seq = ?", waiting.seq()));
  }

  void recordFailure(Waiting waiting, long retryAtMillis) {
    catalog.commit(
        session ->
            session.execute(
                "UPDATE outbox SET attempts = attempts + 1, retry_at = ? WHERE seq = ?",
                retryAtMillis,
                waiting.seq()));
  }

  /** Forgets the pings of a watchdog that is there no more. */
  void forgetPings() {
    catalog.commit(session -> session.execute("DELETE FROM outbox WHERE channel = 'ping'"));
  }

  /** True when everything was told, or tried at least. */
  boolean isTried() {
    return catalog.write(
        session ->
            session
                .createQuery(
                    """
                    SELECT NOT EXISTS (SELECT 1 FROM run_news)
                       AND NOT EXISTS (
                         SELECT 1 FROM outbox o WHERE attempts = 0 AND NOT EXISTS (
                           SELECT 1 FROM outbox b
                            WHERE b.channel = o.channel AND b.seq < o.seq AND b.attempts > 0))
                    """)
                .mapToBoolean()
                .one());
  }

  private static Map<String, Object> body(String json) {
    try {
      Map<String, Object> body = new LinkedHashMap<>();
      Json.read(json)
          .forEach(
              (name, value) -> {
                if (value != null) {
                  body.put(name, value);
                }
              });
      return body;
    } catch (IOException e) {
      throw new IllegalStateException("A message in the catalog is not JSON", e);
    }
  }
}
