package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.config.StorageSettings;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.sync.plan.SyncReason;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells one remote of the files that their owner deleted, in batches. */
public final class DeletionMover {

  private final Catalog catalog;
  private final Remote remote;
  private final int remoteId;
  private final StorageSettings.Deletes deletes;
  private final RunBook book;
  private final Clock clock;

  public DeletionMover(
      Catalog catalog,
      Remote remote,
      int remoteId,
      StorageSettings.Deletes deletes,
      RunBook book,
      Clock clock) {
    this.catalog = catalog;
    this.remote = remote;
    this.remoteId = remoteId;
    this.deletes = deletes;
    this.book = book;
    this.clock = clock;
  }

  /** At most 1,000 paths. */
  public void carry(List<StorePath> paths) throws RemoteException {
    Map<ObjectKey, RemoteException> failed =
        switch (deletes) {
          case TRASH -> trash(paths);
          case MIRROR -> delete(paths);
          case KEEP -> Map.of();
        };
    List<StorePath> gone = new ArrayList<>();
    for (StorePath path : paths) {
      Optional<RemoteException> fault = Optional.ofNullable(failed.get(ObjectKey.of(path)));
      if (fault.isEmpty()) {
        gone.add(path);
      }
      book.item(item(path, fault));
    }
    catalog.commit(handle -> catalog.copies().recordGone(handle, gone, remoteId));
    book.advance(paths.size());
    book.count(RunCount.FAILED, paths.size() - gone.size());
    switch (deletes) {
      case TRASH -> book.count(RunCount.TRASHED, gone.size());
      case MIRROR -> book.count(RunCount.DELETED, gone.size());
      case KEEP -> book.count(RunCount.SKIPPED, gone.size());
    }
  }

  private Map<ObjectKey, RemoteException> delete(List<StorePath> paths) throws RemoteException {
    catalog.commit(handle -> catalog.copies().recordLeaving(handle, paths, remoteId));
    return remote.delete(paths.stream().map(ObjectKey::of).toList());
  }

  private Map<ObjectKey, RemoteException> trash(List<StorePath> paths) throws RemoteException {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    catalog.commit(
        handle -> {
          catalog.remotes().recordTrash(handle, remoteId, today);
          catalog.copies().recordLeaving(handle, paths, remoteId);
        });
    Map<ObjectKey, ObjectKey> moves = new LinkedHashMap<>();
    for (StorePath path : paths) {
      moves.put(ObjectKey.of(path), ObjectKey.own("trash/" + today + "/" + path.value()));
    }
    return remote.move(moves);
  }

  private ItemRow item(StorePath path, Optional<RemoteException> fault) {
    return new ItemRow(
        0,
        path.value(),
        Optional.of(remote.name()),
        actionLabel(deletes),
        SyncReason.DELETED_BY_OWNER.label(),
        fault.isEmpty() ? "done" : "failed",
        -1,
        fault.map(RemoteException::getMessage));
  }

  public static String actionLabel(StorageSettings.Deletes deletes) {
    return switch (deletes) {
      case TRASH -> "trash";
      case MIRROR -> "delete";
      case KEEP -> "keep";
    };
  }

  /** Empties the days of the trash that were kept long enough. */
  public void expireTrash(Duration keep) throws RemoteException {
    LocalDate oldest = LocalDate.ofInstant(clock.instant().minus(keep), ZoneOffset.UTC);
    for (LocalDate day : catalog.remotes().trashBefore(remoteId, oldest)) {
      List<ObjectKey> batch = new ArrayList<>();
      remote.list(
          ObjectKey.OWN + "trash/" + day + "/",
          stat -> {
            batch.add(stat.key());
            if (batch.size() == 1_000) {
              expire(batch);
            }
          });
      expire(batch);
      catalog.commit(handle -> catalog.remotes().forgetTrash(handle, remoteId, day));
      book.info("Trash of %s at remote '%s' expired".formatted(day, remote.name()));
    }
  }

  private void expire(List<ObjectKey> batch) throws RemoteException {
    Map<ObjectKey, RemoteException> failed = remote.delete(List.copyOf(batch));
    batch.clear();
    if (!failed.isEmpty()) {
      throw failed.values().iterator().next();
    }
  }
}
