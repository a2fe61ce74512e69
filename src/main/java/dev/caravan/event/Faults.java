package dev.caravan.event;

/** What went wrong, in words. */
public final class Faults {

  private Faults() {}

  /** What wraps the first cause tells of Java, rarely of what happened. */
  public static Throwable rootOf(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  /** Its own message; the name of its kind where it has none. */
  public static String textOf(Throwable fault) {
    String message = fault.getMessage();
    return message == null ? fault.getClass().getSimpleName() : message;
  }
}
