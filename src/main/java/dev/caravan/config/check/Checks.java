package dev.caravan.config.check;

/** Takes what a look at the settings finds wrong. */
public interface Checks {

  /**
   * Tells a problem, unless one was told of the key before.
   *
   * @param wrong nothing is told when it is false
   * @param key full dotted path
   * @param message to follow the key, such as {@code is not a prefix}
   * @param hint what to write instead
   */
  void check(boolean wrong, String key, String message, String hint);

  /** Whether the key says something, right or wrong. */
  boolean isWritten(String key);
}
