package dev.caravan.restore;

import dev.caravan.store.DiskSpace;
import dev.caravan.store.StoreTree;
import java.io.IOException;

/** Keeps those who bring files back at the same time from filling the disk together. */
final class Reservations {

  /** What a restore leaves free beside the file, for the file system's own records. */
  private static final long MARGIN_BYTES = 1 << 20;

  private final StoreTree tree;
  private long reserved;

  Reservations(StoreTree tree) {
    this.tree = tree;
  }

  /** Room on the disk that is somebody's until it is closed. */
  interface Room extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes room for a file.
   *
   * @throws RestoreException when there is not enough beside what others have taken
   */
  synchronized Room take(long bytes) throws RestoreException, IOException {
    DiskSpace space = tree.space();
    if (space.freeBytes() - reserved < bytes + MARGIN_BYTES) {
      throw new RestoreException(
          RestoreException.Reason.NO_SPACE,
          "The store's disk has no room for it: %d bytes are needed, %d are free"
              .formatted(bytes, Math.max(0, space.freeBytes() - reserved)));
    }
    reserved += bytes;
    return () -> giveBack(bytes);
  }

  private synchronized void giveBack(long bytes) {
    reserved -= bytes;
  }
}
