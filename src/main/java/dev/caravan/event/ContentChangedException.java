package dev.caravan.event;

import java.io.IOException;

/** The file changed while it was being sent; nothing of it may become visible. */
public final class ContentChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  public ContentChangedException(String message) {
    super(message);
  }
}
