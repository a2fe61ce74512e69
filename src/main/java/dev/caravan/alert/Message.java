package dev.caravan.alert;

import dev.caravan.event.Operation;
import java.util.Locale;
import java.util.Map;

/**
 * Something to be told.
 *
 * @param id the same each time it is sent, so that a receiver can tell a repetition
 * @param body what the receiver is told, by name
 */
record Message(
    String id, Channel channel, Kind kind, Operation operation, Map<String, Object> body) {

  /** The way it goes out. */
  enum Channel {
    /** To people, through {@code direct:notify}. */
    NOTIFY,
    /** To a watchdog that misses what does not come. */
    PING;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What it is about. */
  enum Kind {
    /** So many runs in a row did not succeed. */
    FAILING,
    /** A halt waits for a person. */
    HALTED,
    /** It works again. */
    RECOVERED,
    /** A file of an archive was given up. */
    ARCHIVE_GIVEN_UP,
    /** A timecode directory of an archive waits for a person. */
    ARCHIVE_BLOCKED,
    /** A run began. */
    START,
    /** A run succeeded. */
    SUCCESS,
    /** A run ended in any other way. */
    FAIL;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** By its label. */
    static Kind of(String label) {
      return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }
}
