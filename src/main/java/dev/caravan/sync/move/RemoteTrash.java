package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.trash.TrashTable;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The trash at one remote: {@code .caravan/trash/<day>/<store path>}. A path that is trashed twice
 * on one day gets {@code ~1}, {@code ~2} behind its name, so that nothing there is replaced.
 */
public final class RemoteTrash {

  private static final int BATCH = 1_000;

  /** A clock that jumped would empty all at once; it rarely stays wrong for so many days. */
  private static final int DAYS_SEEN = 3;

  private final Catalog catalog;
  private final TrashTable table;
  private final Remote remote;
  private final int remoteId;
  private final RunBook book;
  private final Clock clock;

  public RemoteTrash(Catalog catalog, Remote remote, int remoteId, RunBook book, Clock clock) {
    this.catalog = catalog;
    this.table = new TrashTable(catalog);
    this.remote = remote;
    this.remoteId = remoteId;
    this.book = book;
    this.clock = clock;
  }

  /** Moves files there; at most 1,000. */
  Map<ObjectKey, RemoteException> take(List<StorePath> paths) throws RemoteException {
    LocalDate today = today();
    long now = clock.millis();
    Map<StorePath, String> names = new LinkedHashMap<>();
    catalog.commit(
        session -> {
          table.recordDay(session, remoteId, today);
          paths.forEach(path -> names.put(path, table.take(session, remoteId, today, path, now)));
          catalog.copies().recordLeaving(session, paths, remoteId);
        });
    Map<ObjectKey, ObjectKey> moves = new LinkedHashMap<>();
    names.forEach(
        (path, name) ->
            moves.put(ObjectKey.of(path), ObjectKey.own("trash/" + today + "/" + name)));
    Map<ObjectKey, RemoteException> failed = remote.move(moves);
    if (!failed.isEmpty()) {
      names.keySet().removeIf(path -> !failed.containsKey(ObjectKey.of(path)));
      catalog.commit(session -> table.giveBack(session, remoteId, today, names.values()));
    }
    return failed;
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /**
   * Empties the days that were kept long enough: by the clock, and by Caravan having been at work
   * on three other days since, or on as many as they are kept.
   */
  public void expire(Duration keep) throws RemoteException {
    LocalDate oldest = LocalDate.ofInstant(clock.instant().minus(keep), ZoneOffset.UTC);
    long needed = Math.min(DAYS_SEEN, keep.toDays());
    boolean newDay = table.recordSeen(remoteId, today());
    for (TrashTable.Day day : table.before(remoteId, oldest)) {
      if (day.seenDays() >= needed) {
        empty(day.day());
      } else if (newDay) {
        book.warn(
            ("Trash of %s at remote '%s' is old by the clock, but Caravan was at work on %d days"
                    + " since: it is kept until there were %d")
                .formatted(day.day(), remote.name(), day.seenDays(), needed));
      }
    }
  }

  private void empty(LocalDate day) throws RemoteException {
    List<ObjectKey> batch = new ArrayList<>();
    remote.list(
        ObjectKey.OWN + "trash/" + day + "/",
        stat -> {
          batch.add(stat.key());
          if (batch.size() == BATCH) {
            delete(batch);
          }
        });
    delete(batch);
    catalog.commit(session -> table.forget(session, remoteId, day));
    book.info("Trash of %s at remote '%s' expired".formatted(day, remote.name()));
  }

  private void delete(List<ObjectKey> batch) throws RemoteException {
    Map<ObjectKey, RemoteException> failed = remote.delete(List.copyOf(batch));
    batch.clear();
    if (!failed.isEmpty()) {
      throw failed.values().iterator().next();
    }
  }
}
