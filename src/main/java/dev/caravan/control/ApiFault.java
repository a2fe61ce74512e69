package dev.caravan.control;

import dev.caravan.restore.RestoreException;

/** A request that cannot be answered as asked; becomes {@code application/problem+json}. */
public final class ApiFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /** A fault with an HTTP status, and a line that says why. */
  public ApiFault(int status, String detail) {
    super(detail);
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Why a file could not be had, as an answer. */
  static ApiFault of(RestoreException fault) {
    return new ApiFault(statusOf(fault), String.valueOf(fault.getMessage()));
  }

  /** The status that says why a file could not be had. */
  public static int statusOf(RestoreException fault) {
    return switch (fault.reason()) {
      case UNKNOWN -> 404;
      case REFUSED -> 409;
      case NO_SPACE -> 507;
      case UNAVAILABLE -> 502;
      case CANCELLED -> 503;
    };
  }
}
