package dev.caravan.catalog;

import java.util.Locale;
import java.util.Optional;

/**
 * One file and what one remote is known to hold of it.
 *
 * @param state whether the remote holds the file's current version
 * @param heldSha256 of what the remote is known to hold under this name, current or not
 * @param heldSizeBytes of the same, -1 when nothing is known
 * @param attempts failed tries since the file last changed
 * @param retryAtMillis when to try again by itself; 0 for at once
 * @param reason why the last try failed
 */
public record CopyRow(
    FileRow file,
    State state,
    Optional<String> heldSha256,
    long heldSizeBytes,
    int attempts,
    long retryAtMillis,
    Optional<String> reason) {

  /** Where the copy stands. */
  public enum State {
    PENDING,
    VERIFIED,
    FAILED;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String label) {
      return valueOf(label.toUpperCase(Locale.ROOT));
    }
  }
}
