package dev.caravan.check;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How closely a check looks. */
public enum CheckMode {
  /**
   * Names and sizes, from one listing of each remote; in the store, what a look without reading.
   */
  SIZE,
  /** The remote's own checksum of each object; where it has none, the bytes. The store is read. */
  HASH,
  /** Every byte, at the remotes and in the store. */
  FULL;

  /** The name on the command line and in the API. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<CheckMode> find(String label) {
    return Arrays.stream(values()).filter(mode -> mode.label().equals(label)).findFirst();
  }
}
