package dev.caravan.catalog;

import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import java.util.Locale;
import java.util.Optional;

/**
 * What the catalog knows of one file.
 *
 * @param modifiedNs modification time, nanoseconds since 1970
 * @param changedNs status change time, the same unit
 * @param sha256 of the version described here; absent while that version was not read yet
 * @param missingLooks how many scans in a row did not find it
 * @param owner empty where it is not known, or not asked for
 */
public record FileRow(
    StorePath path,
    State state,
    long sizeBytes,
    long modifiedNs,
    long changedNs,
    long inode,
    long device,
    int mode,
    Optional<String> sha256,
    int missingLooks,
    Optional<Owner> owner) {

  /** The same where the owner is not known, or not asked for. */
  public FileRow(
      StorePath path,
      State state,
      long sizeBytes,
      long modifiedNs,
      long changedNs,
      long inode,
      long device,
      int mode,
      Optional<String> sha256,
      int missingLooks) {
    this(
        path,
        state,
        sizeBytes,
        modifiedNs,
        changedNs,
        inode,
        device,
        mode,
        sha256,
        missingLooks,
        Optional.empty());
  }

  /** The same, read: this is the checksum of the version. */
  public FileRow hashed(String known) {
    return new FileRow(
        path,
        state,
        sizeBytes,
        modifiedNs,
        changedNs,
        inode,
        device,
        mode,
        Optional.of(known),
        missingLooks,
        owner);
  }

  /** Where the file stands. */
  public enum State {
    PRESENT,
    PURGED,
    DELETED;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String label) {
      return switch (label) {
        case "present" -> PRESENT;
        case "purged" -> PURGED;
        case "deleted" -> DELETED;
        default -> throw new IllegalArgumentException("No state of a file: " + label);
      };
    }
  }
}
