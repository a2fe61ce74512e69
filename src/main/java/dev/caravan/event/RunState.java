package dev.caravan.event;

import java.util.Locale;

/** Where a run stands. */
public enum RunState {
  QUEUED,
  RUNNING,
  SUCCEEDED,
  /** Ended, but some items failed. */
  PARTIAL,
  FAILED,
  CANCELLED,
  /** Found running when the daemon started: its process died. */
  INTERRUPTED,
  /** Refused by a safety limit; waits for a person. */
  HALTED;

  public boolean isEnded() {
    return this != QUEUED && this != RUNNING;
  }

  /** The name in the catalog and the API. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static RunState of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
