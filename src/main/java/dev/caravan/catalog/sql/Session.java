package dev.caravan.catalog.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One connection to the catalog, and the statements that were prepared on it: the same few are
 * asked again and again, and preparing costs more than running most of them. For one thread at a
 * time.
 */
public final class Session implements AutoCloseable {

  private static final int PREPARED_MAX = 100;

  private final Connection connection;
  private final Consumer<Session> giveBack;
  private final Map<String, Prepared> statements = new LinkedHashMap<>(64, 0.75f, true);

  /** A statement, and which parameter each name in it is. */
  record Prepared(PreparedStatement statement, Map<String, Integer> parameters) {}

  Session(Connection connection, Consumer<Session> giveBack) {
    this.connection = connection;
    this.giveBack = giveBack;
  }

  /** A change, with {@code :name} for each value. */
  public SqlUpdate createUpdate(String sql) {
    return new SqlUpdate(this, sql);
  }

  /** A question, with {@code :name} for each value. */
  public SqlQuery createQuery(String sql) {
    return new SqlQuery(this, sql);
  }

  /** The same change with many sets of values. */
  public SqlBatch prepareBatch(String sql) {
    return new SqlBatch(this, sql);
  }

  /** Makes a change, with {@code ?} for each value; returns how many rows it touched. */
  public int execute(String sql, Object... values) {
    try {
      PreparedStatement statement = prepared(sql).statement();
      for (int i = 0; i < values.length; i++) {
        SqlValues.set(statement, i + 1, values[i]);
      }
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new SqlFailedException(e);
    }
  }

  /** For what runs longer than one call; it is closed with the session. */
  public Connection connection() {
    return connection;
  }

  Prepared prepared(String sql) throws SQLException {
    Prepared known = statements.get(sql);
    if (known != null) {
      return known;
    }
    Prepared made = new Prepared(connection.prepareStatement(sql), parameters(sql));
    statements.put(sql, made);
    if (statements.size() > PREPARED_MAX) {
      Iterator<Prepared> eldest = statements.values().iterator();
      eldest.next().statement().close();
      eldest.remove();
    }
    return made;
  }

  void forget(String sql) {
    Prepared known = statements.remove(sql);
    if (known != null) {
      try {
        known.statement().close();
      } catch (SQLException e) {
        // It failed already, and that is told.
      }
    }
  }

  /** SQLite numbers names in the order in which they first appear. */
  private static Map<String, Integer> parameters(String sql) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    boolean quoted = false;
    for (int at = 0; at < sql.length(); at++) {
      char c = sql.charAt(at);
      quoted ^= c == '\'';
      if (c == ':' && !quoted) {
        int from = ++at;
        while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
          at++;
        }
        numbers.putIfAbsent(sql.substring(from, at), numbers.size() + 1);
      }
    }
    return numbers;
  }

  /** Begins a transaction, which no other may write beside. */
  public void begin() {
    try {
      connection.setAutoCommit(false);
    } catch (SQLException e) {
      throw new SqlFailedException(e);
    }
  }

  /** Makes what was changed since the beginning permanent. */
  public void commit() {
    try {
      connection.commit();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      throw new SqlFailedException(e);
    }
  }

  /** Gives the connection back; what was not committed is taken back. */
  @Override
  public void close() {
    giveBack.accept(this);
  }
}
