package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.rename.RenameTable;
import dev.caravan.config.StorageSettings;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.sync.plan.SyncReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tells one remote of the files that their owner deleted, in batches. */
public final class DeletionMover {

  private final Catalog catalog;
  private final RenameTable renames;
  private final Remote remote;
  private final int remoteId;
  private final StorageSettings.Deletes deletes;
  private final RunBook book;
  private final RemoteTrash trash;

  public DeletionMover(
      Catalog catalog,
      Remote remote,
      int remoteId,
      StorageSettings.Deletes deletes,
      RunBook book,
      RemoteTrash trash) {
    this.catalog = catalog;
    this.renames = new RenameTable(catalog);
    this.remote = remote;
    this.remoteId = remoteId;
    this.deletes = deletes;
    this.book = book;
    this.trash = trash;
  }

  /** What became of a batch. */
  public record Carried(RunCount outcome, long number, long refused) {}

  /**
   * Tells the remote; at most 1,000 paths. What it has copied to a new path was counted as renamed
   * then, and is no deletion.
   *
   * @return how many it was told of as deletions, and how many it refused
   */
  public Carried carry(List<StorePath> paths) throws RemoteException {
    Optional<String> kept = reasonToKeep();
    if (kept.isPresent()) {
      keep(paths, kept.get());
      return new Carried(RunCount.SKIPPED, paths.size(), 0);
    }
    Set<StorePath> renamed = renames.renamed(paths);
    Set<StorePath> copied = renames.copied(paths, remoteId);
    Map<ObjectKey, RemoteException> failed =
        switch (deletes) {
          case TRASH -> trash.take(paths);
          case MIRROR -> delete(paths);
          case KEEP -> Map.of();
        };
    List<StorePath> gone = new ArrayList<>();
    for (StorePath path : paths) {
      Optional<RemoteException> fault = Optional.ofNullable(failed.get(ObjectKey.of(path)));
      if (fault.isEmpty()) {
        gone.add(path);
      }
      book.item(item(path, renamed.contains(path), fault));
    }
    catalog.commit(session -> catalog.copies().recordGone(session, gone, remoteId));
    book.advance(paths.size());
    int refused = paths.size() - gone.size();
    long deleted = gone.stream().filter(path -> !copied.contains(path)).count();
    Carried carried = new Carried(outcome(), deleted, refused);
    book.count(RunCount.FAILED, refused);
    book.count(carried.outcome(), deleted);
    tell(paths, Set.copyOf(gone));
    return carried;
  }

  private RunCount outcome() {
    return switch (deletes) {
      case TRASH -> RunCount.TRASHED;
      case MIRROR -> RunCount.DELETED;
      case KEEP -> RunCount.SKIPPED;
    };
  }

  /** A renamed file is told under its old name as any that has gone from there. */
  private void tell(List<StorePath> paths, Set<StorePath> gone) {
    Optional<Change> change =
        switch (deletes) {
          case TRASH -> Optional.of(Change.TRASHED);
          case MIRROR -> Optional.of(Change.DELETED);
          case KEEP -> Optional.empty();
        };
    for (StorePath path : paths) {
      change
          .map(what -> gone.contains(path) ? what : Change.FAILED)
          .ifPresent(what -> book.tell(path, what, remote.name()));
    }
  }

  /** True where the copies of deleted files stay where they are. */
  public static boolean isKeptAt(Remote remote, StorageSettings.Deletes deletes) {
    return switch (deletes) {
      case TRASH -> !remote.keepsOwn();
      case MIRROR -> !remote.canDelete();
      case KEEP -> true;
    };
  }

  /** Why the copies stay where they are, although the settings say otherwise. */
  private Optional<String> reasonToKeep() {
    if (!isKeptAt(remote, deletes)) {
      return Optional.empty();
    }
    return switch (deletes) {
      case TRASH ->
          Optional.of(
              "Remote '%s' has no trash, so the copy stays there (storage.deletes: mirror"
                      .formatted(remote.name())
                  + " deletes it)");
      case MIRROR ->
          Optional.of(
              "Remote '%s' cannot delete, so the copy stays there".formatted(remote.name()));
      case KEEP -> Optional.empty();
    };
  }

  private void keep(List<StorePath> paths, String why) {
    for (StorePath path : paths) {
      book.item(
          new ItemRow(
              0,
              path.value(),
              Optional.of(remote.name()),
              actionLabel(StorageSettings.Deletes.KEEP),
              SyncReason.KEPT_AT_REMOTE.label(),
              "skipped",
              -1,
              Optional.of(why)));
    }
    catalog.commit(session -> catalog.copies().recordGone(session, paths, remoteId));
    book.advance(paths.size());
    book.count(RunCount.SKIPPED, paths.size());
  }

  private Map<ObjectKey, RemoteException> delete(List<StorePath> paths) throws RemoteException {
    catalog.commit(session -> catalog.copies().recordLeaving(session, paths, remoteId));
    return remote.delete(paths.stream().map(ObjectKey::of).toList());
  }

  private ItemRow item(StorePath path, boolean renamed, Optional<RemoteException> fault) {
    return new ItemRow(
        0,
        path.value(),
        Optional.of(remote.name()),
        actionLabel(deletes),
        (renamed ? SyncReason.RENAMED : SyncReason.DELETED_BY_OWNER).label(),
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
}
