package dev.caravan.sync;

import dev.caravan.catalog.RunCount;
import dev.caravan.event.StorePath;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.SymlinkedPathException;
import dev.caravan.sync.move.DeletionMover;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.RemoteTrash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** What one remote has to be told, in a cycle, of files that their owner deleted or renamed. */
final class RemoteDeletions {

  private static final int BATCH = 200;

  private final SyncContext context;
  private final int remoteId;
  private final String remote;
  private final RemoteTrash trash;
  private final DeletionMover mover;
  private volatile boolean carried;
  private final AtomicInteger failed = new AtomicInteger();

  RemoteDeletions(SyncContext context, MirroredRemote mirrored, int remoteId) {
    this.context = context;
    this.remoteId = remoteId;
    this.remote = mirrored.name();
    this.trash =
        new RemoteTrash(
            context.catalog(), mirrored.remote(), remoteId, context.book(), context.clock());
    this.mover =
        new DeletionMover(
            context.catalog(),
            mirrored.remote(),
            remoteId,
            context.settings().storage().deletes(),
            context.book(),
            trash);
  }

  boolean isAny() {
    return !context.catalog().copies().deletions(remoteId, Optional.empty(), 1).isEmpty();
  }

  /**
   * In path order.
   *
   * @param stopped whether no more may be told
   */
  Iterator<List<StorePath>> batches(BooleanSupplier stopped) {
    return new PagedIterator<List<StorePath>, List<StorePath>>(
        after -> {
          List<StorePath> page =
              stopped.getAsBoolean()
                  ? List.of()
                  : context.catalog().copies().deletions(remoteId, after, BATCH);
          return page.isEmpty() ? List.of() : List.of(page);
        },
        page -> page.get(page.size() - 1),
        page -> page);
  }

  void carry(List<StorePath> paths) throws RemoteException {
    List<StorePath> gone = new ArrayList<>();
    for (StorePath path : paths) {
      if (context.admits().test(path) && isGone(path)) {
        gone.add(path);
      }
    }
    if (!gone.isEmpty()) {
      DeletionMover.Carried told = mover.carry(gone);
      failed.addAndGet((int) told.refused());
      context.meters().objects(remote, told.outcome(), told.number());
      context.meters().objects(remote, RunCount.FAILED, told.refused());
      carried = true;
    }
  }

  /** False for a file that came back since the scan; the next one finds it. */
  private boolean isGone(StorePath path) {
    try {
      return context.tree().stat(path).filter(s -> s.kind() == FileStat.Kind.FILE).isEmpty();
    } catch (SymlinkedPathException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  void expireTrash() throws RemoteException {
    trash.expire(context.settings().storage().trashKeep());
  }

  /** True once the remote was told of anything. */
  boolean isCarried() {
    return carried;
  }

  /** How many the remote refused. */
  long failed() {
    return failed.get();
  }
}
