package dev.caravan.catalog.export;

/**
 * One file of an export, as it was when it was last looked at.
 *
 * @param path below the Alpha's export folder
 * @param key of its object, without the remote's prefix
 * @param sha256 64 lower-case hex digits; empty before it was sent
 */
public record ExportFileRow(
    String path,
    String key,
    long sizeBytes,
    long modifiedNs,
    long changedNs,
    long inode,
    long device,
    int mode,
    String sha256,
    State state) {

  /** What became of it. */
  public enum State {
    /** It belongs to the export, and is not at the remote yet. */
    EXPECTED,
    /** The remote took it. */
    SENT,
    /** The remote was asked for it, and holds exactly it. */
    PROVEN,
    /** It left the Alpha's folder, for its copy was proven. */
    REMOVED
  }
}
