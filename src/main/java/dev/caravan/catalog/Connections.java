package dev.caravan.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jdbi.v3.core.ConnectionFactory;
import org.sqlite.SQLiteDataSource;

/**
 * Keeps a few connections open. They go on working when the file's name disappears under them (the
 * store was emptied or unmounted), so that the halt can still be recorded and shown; opening anew
 * would make an empty catalog where the old one was.
 */
final class Connections implements ConnectionFactory, AutoCloseable {

  private static final int IDLE_MAX = 6;

  private final SQLiteDataSource source;
  private final BlockingQueue<Connection> idle = new ArrayBlockingQueue<>(IDLE_MAX);
  private volatile boolean closed;

  Connections(SQLiteDataSource source) {
    this.source = source;
  }

  @Override
  public Connection openConnection() throws SQLException {
    Connection kept = idle.poll();
    return kept == null ? source.getConnection() : kept;
  }

  @Override
  public void closeConnection(Connection connection) throws SQLException {
    if (closed || !connection.getAutoCommit() || !idle.offer(connection)) {
      connection.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Connection kept = idle.poll(); kept != null; kept = idle.poll()) {
      try {
        kept.close();
      } catch (SQLException e) {
        throw Catalog.unusable(e);
      }
    }
  }
}
