package dev.caravan.catalog.sql;

import java.sql.SQLException;

/** One change to the catalog. */
public final class SqlUpdate extends SqlValues<SqlUpdate> {

  SqlUpdate(Session session, String sql) {
    super(session, sql);
  }

  @Override
  SqlUpdate self() {
    return this;
  }

  /** Makes the change and returns how many rows it touched. */
  public int execute() {
    try {
      return ready().executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
