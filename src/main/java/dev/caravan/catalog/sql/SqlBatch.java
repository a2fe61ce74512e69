package dev.caravan.catalog.sql;

import java.sql.SQLException;

/** One change to the catalog, made with one set of values after the other. */
public final class SqlBatch extends SqlValues<SqlBatch> {

  SqlBatch(Session session, String sql) {
    super(session, sql);
  }

  @Override
  SqlBatch self() {
    return this;
  }

  /** Makes the change with the values bound so far; those that are not bound anew stay. */
  public SqlBatch add() {
    try {
      ready().executeUpdate();
      return this;
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
