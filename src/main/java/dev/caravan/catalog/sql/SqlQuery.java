package dev.caravan.catalog.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One question to the catalog. */
public final class SqlQuery extends SqlValues<SqlQuery> {

  SqlQuery(Session session, String sql) {
    super(session, sql);
  }

  @Override
  SqlQuery self() {
    return this;
  }

  /**
   * Makes something of one row.
   *
   * @param <T> what is made
   */
  public interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  public <T> Answer<T> map(Row<T> row) {
    return new Answer<>(row);
  }

  public Answer<Long> mapToLong() {
    return map(row -> row.getLong(1));
  }

  public Answer<Boolean> mapToBoolean() {
    return map(row -> row.getBoolean(1));
  }

  public Answer<String> mapToString() {
    return map(row -> row.getString(1));
  }

  /**
   * The rows that answer it; it is asked when they are fetched.
   *
   * @param <T> what each row becomes
   */
  public final class Answer<T> {

    private final Row<T> row;

    private Answer(Row<T> row) {
      this.row = row;
    }

    public List<T> list() {
      List<T> all = new ArrayList<>();
      forEach(all::add);
      return all;
    }

    public void forEach(Consumer<T> each) {
      try (ResultSet rows = ready().executeQuery()) {
        while (rows.next()) {
          each.accept(row.of(rows));
        }
      } catch (SQLException e) {
        throw failed(e);
      }
    }

    /** The first row; empty when there is none, or when its first column is NULL. */
    public Optional<T> findOne() {
      try (ResultSet rows = ready().executeQuery()) {
        boolean found = rows.next() && rows.getObject(1) != null;
        return found ? Optional.of(row.of(rows)) : Optional.empty();
      } catch (SQLException e) {
        throw failed(e);
      }
    }

    /** The row that is always there. */
    public T one() {
      return findOne().orElseThrow(() -> new IllegalStateException("No row came"));
    }
  }
}
