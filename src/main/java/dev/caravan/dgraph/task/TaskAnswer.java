package dev.caravan.dgraph.task;

import java.time.Instant;
import java.util.Optional;

/**
 * What the Alpha says of a task.
 *
 * @param updatedAt when it came into this state, by the Alpha's clock, to the second
 * @param message one line, where it is not what was hoped for
 */
public record TaskAnswer(Status status, Optional<Instant> updatedAt, String message) {

  /** How a task fares. */
  public enum Status {
    QUEUED,
    RUNNING,
    SUCCESS,
    FAILED,
    /** The Alpha knows of it and not how it fares. */
    UNKNOWN,
    /** The Alpha does not know of it, any more or at all. */
    GONE,
    /** The Alpha wants to know who asks. */
    UNAUTHORIZED,
    /** No answer that could be used came; later one may. */
    UNHEARD
  }

  static TaskAnswer of(Status status, String message) {
    return new TaskAnswer(status, Optional.empty(), message);
  }
}
