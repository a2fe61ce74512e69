package dev.caravan.sync;

import dev.caravan.event.StorePath;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of one file at one remote.
 *
 * @param error why it failed
 */
public record SyncOutcome(StorePath path, String remote, State state, Optional<String> error) {

  SyncOutcome(StorePath path, String remote, State state) {
    this(path, remote, state, Optional.empty());
  }

  /** What became of it. */
  public enum State {
    UPLOADED,
    /** The remote copied it from where it lay before. */
    RENAMED,
    VERIFIED,
    SKIPPED,
    FAILED;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
