package dev.caravan.catalog;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import dev.caravan.event.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The items of the runs. Changes are made on a session of the catalog's writer. */
public final class ItemTable {

  private final Catalog catalog;

  ItemTable(Catalog catalog) {
    this.catalog = catalog;
  }

  public void insert(Session session, RunId run, Collection<ItemRow> items) {
    if (items.isEmpty()) {
      return;
    }
    SqlBatch batch =
        session.prepareBatch(
            """
            INSERT INTO item (run_id, seq, path, remote, action, reason, state, size, message)
            VALUES (:run, :seq, :path, :remote, :action, :reason, :state, :size, :message)
            """);
    for (ItemRow item : items) {
      batch
          .bind("run", run.value())
          .bind("seq", item.seq())
          .bind("path", item.path())
          .bind("remote", item.remote().orElse(null))
          .bind("action", item.action())
          .bind("reason", item.reason())
          .bind("state", item.state())
          .bind("size", item.sizeBytes() < 0 ? null : Long.valueOf(item.sizeBytes()))
          .bind("message", item.message().orElse(null))
          .add();
    }
  }

  /** In the order they were recorded. */
  public List<ItemRow> list(RunId run, Optional<String> state, long afterSeq, int limit) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT * FROM item
                     WHERE run_id = :run AND seq > :after AND (:state IS NULL OR state = :state)
                     ORDER BY seq LIMIT :limit
                    """)
                .bind("run", run.value())
                .bind("after", afterSeq)
                .bind("state", state.orElse(null))
                .bind("limit", limit)
                .map(ItemTable::map)
                .list());
  }

  private static ItemRow map(ResultSet rs) throws SQLException {
    long size = rs.getLong("size");
    boolean sized = !rs.wasNull();
    return new ItemRow(
        rs.getLong("seq"),
        rs.getString("path"),
        Optional.ofNullable(rs.getString("remote")),
        rs.getString("action"),
        rs.getString("reason"),
        rs.getString("state"),
        sized ? size : -1,
        Optional.ofNullable(rs.getString("message")));
  }
}
