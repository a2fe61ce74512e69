package dev.caravan.remote.sftp;

/**
 * What {@code statvfs} says of the volume that a folder lies on.
 *
 * @param freeFiles inodes left
 * @param volume a number that other volumes rarely have; 0 where there is none
 */
record SftpSpace(
    long freeBytes,
    long totalBytes,
    long freeFiles,
    long totalFiles,
    long volume,
    boolean readOnly) {

  /** Less than this is nothing: the smallest write takes a block. */
  private static final long NEXT_TO_NOTHING = 64 * 1024;

  boolean isFull() {
    return freeBytes < NEXT_TO_NOTHING || (totalFiles > 0 && freeFiles == 0);
  }

  /**
   * True when it cannot be the volume that was there before. Some file systems change their number
   * when they are mounted again, others their size as they fill, none does both.
   */
  boolean isOtherThan(SftpSpace before) {
    return volume != before.volume && totalBytes != before.totalBytes;
  }
}
