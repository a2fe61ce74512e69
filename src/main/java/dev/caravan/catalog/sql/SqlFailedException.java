package dev.caravan.catalog.sql;

import java.sql.SQLException;

/** SQLite refused something; the message is its own, and names the statement where one was run. */
public final class SqlFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SqlFailedException(SQLException cause) {
    super(cause.getMessage(), cause);
  }

  SqlFailedException(String sql, SQLException cause) {
    super(cause.getMessage() + " in: " + sql.strip().replaceAll("\\s+", " "), cause);
  }
}
