package dev.caravan.store.room;

/**
 * How full the disk of the store is, in bytes.
 *
 * @param freeBytes what Caravan's user may still write
 */
public record DiskSpace(long freeBytes, long totalBytes) {
  public DiskSpace {
    if (freeBytes < 0 || totalBytes < 0) {
      throw new IllegalArgumentException("Disk space is negative");
    }
  }
}
