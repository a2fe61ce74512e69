package dev.caravan.alert;

/** A message did not arrive. What it says names the receiver's host at most, never an address. */
public final class DeliveryException extends Exception {
  private static final long serialVersionUID = 1L;

  DeliveryException(String message) {
    super(message);
  }
}
