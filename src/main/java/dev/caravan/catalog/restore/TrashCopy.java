package dev.caravan.catalog.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the copy of a catalog says of the things in a remote's trash. */
final class TrashCopy {

  private static final int PAGE = 1_000;

  private static final List<String> COLUMNS =
      List.of(
          "path",
          "sha256",
          "size",
          "modified_ns",
          "mode",
          "known_at",
          "stored_at",
          "trashed_at",
          "day",
          "name");

  private final Catalog copy;
  private final String remoteName;

  TrashCopy(Catalog copy, String remoteName) {
    this.copy = copy;
    this.remoteName = remoteName;
  }

  /** Takes it over for whatever the new catalog has found there under the same name. */
  void takeOver(Catalog into, int remote) {
    String day = "";
    String name = "";
    while (true) {
      List<Map<String, @Nullable Object>> page = page(day, name);
      if (page.isEmpty()) {
        return;
      }
      into.commit(session -> update(session, page, remote));
      Map<String, @Nullable Object> last = page.get(page.size() - 1);
      day = String.valueOf(last.get("day"));
      name = String.valueOf(last.get("name"));
    }
  }

  private List<Map<String, @Nullable Object>> page(String day, String name) {
    return copy.read(
        session ->
            session
                .createQuery(
                    "SELECT "
                        + String.join(", ", COLUMNS)
                        + """
                           FROM trashed
                          WHERE remote = (SELECT id FROM remote WHERE name = :remote)
                            AND path IS NOT NULL AND (day, name) > (:day, :name)
                          ORDER BY day, name LIMIT :limit
                        """)
                .bind("remote", remoteName)
                .bind("day", day)
                .bind("name", name)
                .bind("limit", PAGE)
                .map(
                    rs -> {
                      Map<String, @Nullable Object> row = new LinkedHashMap<>();
                      for (int i = 0; i < COLUMNS.size(); i++) {
                        row.put(COLUMNS.get(i), rs.getObject(i + 1));
                      }
                      return row;
                    })
                .list());
  }

  private static void update(
      Session session, List<Map<String, @Nullable Object>> page, int remote) {
    List<String> sets = new ArrayList<>();
    for (String column : COLUMNS.subList(0, COLUMNS.size() - 2)) {
      sets.add(column + " = :" + column);
    }
    SqlBatch batch =
        session.prepareBatch(
            "UPDATE trashed SET "
                + String.join(", ", sets)
                + " WHERE remote = :remote AND day = :day AND name = :name");
    for (Map<String, @Nullable Object> row : page) {
      row.forEach(batch::bind);
      batch.bind("remote", remote).add();
    }
  }
}
