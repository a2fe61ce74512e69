package dev.caravan.restore;

import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps those who bring files back at the same time from filling the disk together. */
final class Reservations {

  /** What a restore leaves free beside the file, for the file system's own records. */
  private static final long MARGIN_BYTES = 1 << 20;

  private final StoreTree tree;
  private final RoomMaker maker;
  private final ReentrantLock asking = new ReentrantLock();

  Reservations(StoreTree tree, RoomMaker maker) {
    this.tree = tree;
    this.maker = maker;
  }

  /** Room on the disk that is somebody's until it is closed. */
  interface Room extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes room for a file; where there is none, has it made, one after the other.
   *
   * @throws RestoreException when there is not enough beside what others have taken
   */
  Room take(long bytes) throws RestoreException, IOException {
    Optional<Room> room = takeFree(bytes);
    if (room.isPresent()) {
      return room.get();
    }
    try {
      asking.lockInterruptibly();
      try {
        room = takeFree(bytes);
        if (room.isEmpty()) {
          maker.make(wanted(bytes));
          room = takeFree(bytes);
        }
      } finally {
        asking.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RestoreException(RestoreException.Reason.CANCELLED, "Caravan is stopping");
    }
    if (room.isEmpty()) {
      throw new RestoreException(
          RestoreException.Reason.NO_SPACE,
          "The store's disk has no room for it: %d bytes are needed, %d are free"
              .formatted(bytes, free()));
    }
    return room.get();
  }

  private Optional<Room> takeFree(long bytes) throws IOException {
    return tree.pledges()
        .take(bytes, MARGIN_BYTES, () -> tree.space().freeBytes())
        .map(pledge -> pledge::close);
  }

  private long wanted(long bytes) {
    return tree.pledges().bytes() + bytes + MARGIN_BYTES;
  }

  private long free() throws IOException {
    return Math.max(0, tree.space().freeBytes() - tree.pledges().bytes());
  }
}
