package dev.caravan.store.room;

import java.io.IOException;
import java.util.Optional;

/**
 * Room on the store's disk that somebody is about to fill: those who write at the same time must
 * not fill it together. What was pledged and is written already counts twice until it is given
 * back, which errs on the side of room.
 */
public final class Pledges {

  private long bytes;

  /** Room that is somebody's until it is closed. */
  public interface Pledge extends AutoCloseable {
    @Override
    void close();
  }

  /** How much is free now, in bytes. */
  public interface Free {
    long bytes() throws IOException;
  }

  /**
   * Takes room where there is enough beside what others have taken.
   *
   * @param margin bytes that are to stay free
   */
  public synchronized Optional<Pledge> take(long wanted, long margin, Free free)
      throws IOException {
    if (free.bytes() < bytes + wanted + margin) {
      return Optional.empty();
    }
    bytes += wanted;
    return Optional.of(() -> giveBack(wanted));
  }

  private synchronized void giveBack(long pledged) {
    bytes -= pledged;
  }

  /** How many bytes are pledged now. */
  public synchronized long bytes() {
    return bytes;
  }
}
