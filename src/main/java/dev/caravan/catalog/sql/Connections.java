package dev.caravan.catalog.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.sqlite.SQLiteDataSource;

/**
 * Keeps a few connections open. They go on working when the file's name disappears under them (the
 * store was emptied or unmounted), so that the halt can still be recorded and shown; opening anew
 * would make an empty catalog where the old one was.
 */
public final class Connections implements AutoCloseable {

  private static final int IDLE_MAX = 6;

  private final SQLiteDataSource source;
  private final BlockingQueue<Session> idle = new ArrayBlockingQueue<>(IDLE_MAX);
  private volatile boolean closed;

  public Connections(SQLiteDataSource source) {
    this.source = source;
  }

  /** A session; closing it gives its connection back. */
  public Session open() {
    try {
      return connect();
    } catch (SQLException e) {
      throw new SqlFailedException(e);
    }
  }

  /** As {@link #open}; tells more of why it cannot be. */
  public Session connect() throws SQLException {
    Session kept = idle.poll();
    return kept == null ? new Session(source.getConnection(), this::giveBack) : kept;
  }

  private void giveBack(Session session) {
    Connection connection = session.connection();
    try {
      if (closed || !connection.getAutoCommit() || !idle.offer(session)) {
        connection.close();
      }
    } catch (SQLException e) {
      throw new SqlFailedException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Session kept = idle.poll(); kept != null; kept = idle.poll()) {
      giveBack(kept);
    }
  }
}
