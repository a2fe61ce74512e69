package dev.caravan.archive;

/** Something that was asked of an archive cannot be done; the message says why, in one line. */
public final class ArchiveRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why not. */
  public enum Reason {
    /** There is no such archive, or no such file in it. */
    UNKNOWN,
    /** What was said makes no sense. */
    INVALID,
    /** It would take the place of something else. */
    CONFLICT
  }

  private final Reason reason;

  public ArchiveRefusal(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
