package dev.caravan.purge;

import dev.caravan.config.ByteSize;
import dev.caravan.store.room.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * How much space shall be free, and how much is: asked of the file system each time, for others
 * write and delete there as well.
 *
 * <p>Some file systems show the space of a deleted file a moment later. Where what was unlinked but
 * does not show yet would do, it is waited for, so that no file leaves that need not.
 */
public final class SpaceGoal {

  private static final long PAUSE_MILLIS = 50;
  private static final int PAUSES_MAX = 60;

  /** From here on it must show that deleting frees something. */
  private static final long TRIED_BYTES = 256L << 20;

  private static final long LEAST_SHARE = 100;

  private final Disk disk;
  private final Optional<Long> goalBytes;
  private final Pause pause;
  private Optional<Long> beginBytes = Optional.empty();
  private long lastBytes = Long.MAX_VALUE;
  private long gainedBytes;
  private long unlinkedBytes;
  private long plannedBytes;
  private int pauses;

  /** Asks the file system. */
  public interface Disk {
    DiskSpace space() throws IOException;
  }

  /** Waits a moment. */
  public interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  /**
   * @param goalBytes empty when all goes that may go
   */
  SpaceGoal(Disk disk, Optional<Long> goalBytes, Pause pause) {
    this.disk = disk;
    this.goalBytes = goalBytes;
    this.pause = pause;
  }

  boolean isGiven() {
    return goalBytes.isPresent();
  }

  long bytes() {
    return goalBytes.orElse(0L);
  }

  /** True when no further file has to leave; never where there is no goal. */
  boolean isReached() {
    return isGiven() && freeBytes() + plannedBytes >= bytes();
  }

  /** How much is missing; 0 when nothing is, or where there is no goal. */
  long shortBytes() {
    return Math.max(0, bytes() - freeBytes() - plannedBytes);
  }

  /** Looks right before a file goes: what becomes free from here on is its doing. */
  void look() {
    freeBytes();
  }

  /** What is free now. */
  long freeBytes() {
    try {
      long free = disk.space().freeBytes();
      beginBytes = beginBytes.or(() -> Optional.of(free));
      gainedBytes += Math.max(0, free - lastBytes);
      lastBytes = free;
      return free;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The free space of the store cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Says why it is of no use to delete more: of what was deleted nearly nothing became free, be it
   * for snapshots or for other names of the same files. What others write meanwhile does not count.
   */
  Optional<String> futility() {
    boolean useful = gainedBytes >= unlinkedBytes / LEAST_SHARE;
    return !isGiven() || unlinkedBytes < TRIED_BYTES || useful
        ? Optional.empty()
        : Optional.of(
            ("%s left the disk and only %s became free: snapshots or hard links of the file system"
                    + " hold the rest, so nothing more is purged")
                .formatted(ByteSize.format(unlinkedBytes), ByteSize.format(gainedBytes)));
  }

  /** A file would leave the disk. */
  void planned(long sizeBytes) {
    plannedBytes += sizeBytes;
  }

  /**
   * A file left the disk; returns once that shows, if it matters, or was waited for long enough.
   */
  void unlinked(long sizeBytes) {
    unlinkedBytes += sizeBytes;
    look();
    try {
      while (pauses < PAUSES_MAX && !isReached() && wouldBeReached()) {
        pauses++;
        pause.millis(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean wouldBeReached() {
    return isGiven() && beginBytes.orElse(0L) + unlinkedBytes >= bytes();
  }
}
