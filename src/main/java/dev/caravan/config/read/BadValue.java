package dev.caravan.config.read;

/** A written value that cannot be used; its message and hint never repeat the value. */
final class BadValue extends Exception {
  private static final long serialVersionUID = 1L;

  private final String hint;

  BadValue(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  String hint() {
    return hint;
  }
}
