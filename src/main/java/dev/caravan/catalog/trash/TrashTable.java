package dev.caravan.catalog.trash;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.StorePath;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;

/** The trash at the remotes, by days. Changes are made on a session of the catalog's writer. */
public final class TrashTable {

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
    addDay(session, remote, day);
    session
        .createUpdate("DELETE FROM trashed WHERE remote = :remote AND day < :day")
        .bind("remote", remote)
        .bind("day", day.toString())
        .execute();
  }

  /** Records what a listing found in the remote's trash. */
  public void recordFound(Session session, int remote, LocalDate day, String name) {
    addDay(session, remote, day);
    claim(session, remote, day, name);
  }

  private static void addDay(Session session, int remote, LocalDate day) {
    session
        .createUpdate("INSERT OR IGNORE INTO trash (remote, day) VALUES (:remote, :day)")
        .bind("remote", remote)
        .bind("day", day.toString())
        .execute();
  }

  /** Takes a name in a day's trash that nothing has there yet: the path, or with a number. */
  public String take(Session session, int remote, LocalDate day, StorePath path) {
    String name = path.value();
    for (int number = 1; !claim(session, remote, day, name); number++) {
      name = path.value() + "~" + number;
    }
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
    session
        .createUpdate("DELETE FROM trash WHERE remote = :remote AND day = :day")
        .bind("remote", remote)
        .bind("day", day.toString())
        .execute();
  }
}
