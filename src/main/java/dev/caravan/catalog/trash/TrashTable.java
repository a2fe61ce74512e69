package dev.caravan.catalog.trash;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** The trash at the remotes, by days. Changes are made on a session of the catalog's writer. */
public final class TrashTable {

  private static final Pattern NUMBERED = Pattern.compile("~[0-9]+$");

  private final Catalog catalog;

  public TrashTable(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * One day's trash.
   *
   * @param seenDays on how many later days it was looked at
   */
  public record Day(LocalDate day, int seenDays) {}

  /** Records that something lies in the remote's trash under this day. */
  public void recordDay(Session session, int remote, LocalDate day) {
    session
        .createUpdate("INSERT OR IGNORE INTO trash (remote, day) VALUES (:remote, :day)")
        .bind("remote", remote)
        .bind("day", day.toString())
        .execute();
  }

  /**
   * Records what a listing found in the remote's trash. A name with a number behind it may be that
   * of another path, and stands for none.
   */
  public void recordFound(Session session, int remote, LocalDate day, String name) {
    recordDay(session, remote, day);
    if (claim(session, remote, day, name) && !NUMBERED.matcher(name).find()) {
      session
          .createUpdate(
              """
              UPDATE trashed SET path = :name
               WHERE remote = :remote AND day = :day AND name = :name
              """)
          .bind("remote", remote)
          .bind("day", day.toString())
          .bind("name", name)
          .execute();
    }
  }

  /**
   * Takes a name in a day's trash that nothing has there yet: the path, or with a number. What the
   * catalog knows of the copy that goes there is recorded with it.
   */
  public String take(Session session, int remote, LocalDate day, StorePath path, long nowMillis) {
    String name = path.value();
    for (int number = 1; !claim(session, remote, day, name); number++) {
      name = path.value() + "~" + number;
    }
    session
        .createUpdate(
            """
            UPDATE trashed
               SET path = :path, trashed_at = :now,
                   (sha256, size, stored_at) =
                       (SELECT COALESCE(c.sha256, CASE f.stale WHEN 0 THEN f.sha256 END),
                               COALESCE(c.size, CASE f.stale WHEN 0 THEN f.size END),
                               c.stored_at
                          FROM copy c JOIN file f ON f.path = c.path
                         WHERE c.path = :path AND c.remote = :remote),
                   modified_ns =
                       (SELECT f.modified_ns FROM file f JOIN copy c ON c.path = f.path
                         WHERE f.path = :path AND c.remote = :remote AND f.stale = 0
                           AND (c.sha256 IS NULL OR c.sha256 = f.sha256)),
                   mode = COALESCE((SELECT mode FROM file WHERE path = :path), 0),
                   known_at = (SELECT known_at FROM file WHERE path = :path)
             WHERE remote = :remote AND day = :day AND name = :name
            """)
        .bind("path", path.value())
        .bind("now", nowMillis)
        .bind("remote", remote)
        .bind("day", day.toString())
        .bind("name", name)
        .execute();
    return name;
  }

  private static boolean claim(Session session, int remote, LocalDate day, String name) {
    return session
            .createUpdate(
                "INSERT OR IGNORE INTO trashed (remote, day, name) VALUES (:remote, :day, :name)")
            .bind("remote", remote)
            .bind("day", day.toString())
            .bind("name", name)
            .execute()
        == 1;
  }

  /** Frees names under which nothing was put after all. */
  public void giveBack(Session session, int remote, LocalDate day, Collection<String> names) {
    for (String name : names) {
      session
          .createUpdate(
              "DELETE FROM trashed WHERE remote = :remote AND day = :day AND name = :name")
          .bind("remote", remote)
          .bind("day", day.toString())
          .bind("name", name)
          .execute();
    }
  }

  /** Records that the trash is looked at on this day; false when that was known. */
  public boolean recordSeen(int remote, LocalDate today) {
    String unseen =
        " WHERE remote = :remote AND day < :today AND (seen_day IS NULL OR seen_day <> :today)";
    boolean any =
        catalog.read(
            session ->
                session
                    .createQuery("SELECT EXISTS (SELECT 1 FROM trash" + unseen + ")")
                    .bind("remote", remote)
                    .bind("today", today.toString())
                    .mapToBoolean()
                    .one());
    if (any) {
      catalog.commit(
          session ->
              session
                  .createUpdate(
                      "UPDATE trash SET seen_days = seen_days + 1, seen_day = :today" + unseen)
                  .bind("remote", remote)
                  .bind("today", today.toString())
                  .execute());
    }
    return any;
  }

  /** What lies in the remote's trash under days before this one, oldest first. */
  public List<Day> before(int remote, LocalDate day) {
    return catalog.read(
        session ->
            session
                .createQuery(
                    """
                    SELECT day, seen_days FROM trash WHERE remote = :remote AND day < :day
                     ORDER BY day
                    """)
                .bind("remote", remote)
                .bind("day", day.toString())
                .map(rs -> new Day(LocalDate.parse(rs.getString(1)), rs.getInt(2)))
                .list());
  }

  public void forget(Session session, int remote, LocalDate day) {
    for (String table : List.of("trash", "trashed")) {
      session
          .createUpdate("DELETE FROM " + table + " WHERE remote = :remote AND day = :day")
          .bind("remote", remote)
          .bind("day", day.toString())
          .execute();
    }
  }
}
