package dev.caravan.event;

import java.util.Optional;

/**
 * Which checksums a remote will ask a content for beside the SHA-256 of the whole: cheaper to
 * compute while the file is read anyway than by reading it once more.
 *
 * @param md5 of the whole
 * @param parts of each part
 */
public record WantedSums(boolean md5, Optional<Parts> parts) {

  /** None. */
  public static final WantedSums NONE = new WantedSums(false, Optional.empty());

  /** The MD5 of the whole. */
  public static final WantedSums MD5 = new WantedSums(true, Optional.empty());

  /** What a part is checked by. */
  public enum PartSum {
    /** 32 bytes. */
    SHA256,
    /** Four bytes, most significant first. */
    CRC32C
  }

  /**
   * One checksum for each part.
   *
   * @param bytes of each part but the last, which may be shorter; at least 1
   */
  public record Parts(PartSum sum, long bytes) {}

  /** The MD5 of the whole, or nothing. */
  public static WantedSums md5(boolean wanted) {
    return wanted ? MD5 : NONE;
  }
}
