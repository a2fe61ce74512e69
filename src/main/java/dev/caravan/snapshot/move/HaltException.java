package dev.caravan.snapshot.move;

/** The source is not what it was, and a person must look before anything is lost. */
public final class HaltException extends Exception {
  private static final long serialVersionUID = 1L;

  HaltException(String message) {
    super(message);
  }
}
