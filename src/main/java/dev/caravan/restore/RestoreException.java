package dev.caravan.restore;

/** A file could not be brought back; the message is one line for the person who asked. */
public final class RestoreException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** Neither the store nor the catalog knows such a file. */
    UNKNOWN,
    /** The disk has no room for it. */
    NO_SPACE,
    /** Something else lies in its place, or the store itself is not there. */
    REFUSED,
    /** No remote could supply it. */
    UNAVAILABLE,
    /** Whoever asked was told to wait no longer, or Caravan is stopping. */
    CANCELLED
  }

  private final Reason reason;

  public RestoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
