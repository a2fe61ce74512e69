package dev.caravan.route;

import java.io.IOException;

/** A route file of the user's, or the folder of them, cannot be read. The message is whole. */
public final class UnreadableRouteException extends IOException {
  private static final long serialVersionUID = 1L;

  public UnreadableRouteException(String message) {
    super(message);
  }
}
