package dev.caravan.catalog.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * SQL on its way to be run, and the values for the names in it.
 *
 * @param <S> what {@code bind} returns, to go on with
 */
public abstract class SqlValues<S extends SqlValues<S>> {

  private final Session session;
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
  private String sql;

  SqlValues(Session session, String sql) {
    this.session = session;
    this.sql = sql;
  }

  abstract S self();

  /** Sets the value of a name: text, a number, true or false, bytes, or null. */
  public S bind(String name, @Nullable Object value) {
    values.put(name, value);
    return self();
  }

  /** Puts one value after the other, with commas, in the place of {@code <name>}. */
  public S bindList(String name, Collection<?> list) {
    List<String> names = new ArrayList<>();
    for (Object value : list) {
      String each = name + "_" + names.size();
      names.add(":" + each);
      values.put(each, value);
    }
    sql = sql.replace("<" + name + ">", String.join(", ", names));
    return self();
  }

  /** The statement with all its values set. */
  final PreparedStatement ready() throws SQLException {
    Session.Prepared prepared = session.prepared(sql);
    PreparedStatement statement = prepared.statement();
    for (Map.Entry<String, Integer> parameter : prepared.parameters().entrySet()) {
      String name = parameter.getKey();
      if (!values.containsKey(name)) {
        throw new IllegalArgumentException("No value for :" + name + " in " + sql);
      }
      set(statement, parameter.getValue(), values.get(name));
    }
    return statement;
  }

  /** What failed is not kept: a statement may have lost its table since it was prepared. */
  final SqlFailedException failed(SQLException e) {
    session.forget(sql);
    return new SqlFailedException(sql, e);
  }

  static void set(PreparedStatement statement, int number, @Nullable Object value)
      throws SQLException {
    if (value instanceof String text) {
      statement.setString(number, text);
    } else if (value instanceof Boolean flag) {
      statement.setInt(number, flag ? 1 : 0);
    } else if (value instanceof Double real) {
      statement.setDouble(number, real);
    } else if (value instanceof byte[] bytes) {
      statement.setBytes(number, bytes);
    } else if (value instanceof Number whole) {
      statement.setLong(number, whole.longValue());
    } else if (value == null) {
      statement.setObject(number, null);
    } else {
      throw new IllegalArgumentException("Not a value of the catalog: " + value.getClass());
    }
  }
}
