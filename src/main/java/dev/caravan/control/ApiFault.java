package dev.caravan.control;

/** A request that cannot be answered as asked; becomes {@code application/problem+json}. */
public final class ApiFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  ApiFault(int status, String detail) {
    super(detail);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
