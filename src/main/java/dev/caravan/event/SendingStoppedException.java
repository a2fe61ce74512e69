package dev.caravan.event;

import java.io.IOException;

/**
 * Whoever asked for a content to be sent asks no longer. The content itself is as it was, so that
 * the sending may be gone on with another time.
 */
public class SendingStoppedException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says why.
   *
   * @param message for the operator, such as {@code the run was cancelled}
   */
  public SendingStoppedException(String message) {
    super(message);
  }
}
