package dev.caravan.sync;

import dev.caravan.event.StorePath;

/** What became of one file at one remote; routes choose their way by it. */
public record SyncOutcome(StorePath path, String remote, State state) {

  /** What became of it. */
  public enum State {
    UPLOADED,
    VERIFIED,
    SKIPPED,
    FAILED
  }

  public boolean isUploaded() {
    return state == State.UPLOADED;
  }

  public boolean isFailed() {
    return state == State.FAILED;
  }
}
