package dev.caravan.archive.queue;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlFailedException;
import java.util.Optional;

/**
 * Knows whether anybody committed anything to a database since it was asked last, this process
 * through another connection or any other program: SQLite counts that for each connection. For one
 * thread at a time.
 */
public final class ChangeWatch implements AutoCloseable {

  private final QueueFile file;
  private Optional<Session> session = Optional.empty();
  private long version;

  public ChangeWatch(QueueFile file) {
    this.file = file;
  }

  /**
   * True the first time, and when something may have changed. Ask before reading: what is committed
   * meanwhile is a change the next time.
   */
  public boolean isChanged() {
    try {
      boolean first = session.isEmpty();
      Session kept = session.orElseGet(file::openSession);
      session = Optional.of(kept);
      long seen = kept.createQuery("PRAGMA data_version").mapToLong().one();
      boolean changed = first || seen != version;
      version = seen;
      return changed;
    } catch (SqlFailedException e) {
      close();
      return true;
    }
  }

  @Override
  public void close() {
    session.ifPresent(Session::close);
    session = Optional.empty();
  }
}
