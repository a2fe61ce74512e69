package dev.caravan.config;

/** A value that must never be shown: printing it gives {@code ***}. */
public record Secret(String reveal) {
  @Override
  public String toString() {
    return "***";
  }
}
