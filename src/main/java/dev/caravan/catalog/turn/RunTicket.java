package dev.caravan.catalog.turn;

import dev.caravan.event.RunId;
import java.util.Locale;

/** The answer to a wish for a run: which run will fulfil it. */
public record RunTicket(RunId runId, Status status) {

  /** What became of the wish. */
  public enum Status {
    /** Nothing was running: it begins now. */
    STARTED,
    /** A run is running: another follows it. */
    QUEUED,
    /** A run is running and another waits already: that one will do. */
    ALREADY_RUNNING;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
