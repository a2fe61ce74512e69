package dev.caravan.store;

import dev.caravan.event.StorePath;

/**
 * What one look at a file's metadata said, without following links.
 *
 * @param modifiedNs modification time, nanoseconds since 1970, may be negative
 * @param changedNs status change time (ctime), the same unit
 * @param inode with {@code device} it identifies the file across renames
 * @param mode permission bits and file type as {@code st_mode}
 */
public record FileStat(
    StorePath path,
    Kind kind,
    long sizeBytes,
    long modifiedNs,
    long changedNs,
    long inode,
    long device,
    int mode) {

  /** What kind of thing lies under a name. */
  public enum Kind {
    FILE,
    SYMLINK,
    /** Only a scan that was asked for the whole tree says this. */
    FOLDER,
    /** Socket, pipe or device. */
    SPECIAL
  }

  /**
   * True when nothing suggests that the content differs: size, mtime, ctime and inode are equal.
   */
  public boolean isSameVersionAs(FileStat other) {
    return sizeBytes == other.sizeBytes
        && modifiedNs == other.modifiedNs
        && changedNs == other.changedNs
        && inode == other.inode;
  }
}
