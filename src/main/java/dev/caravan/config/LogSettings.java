package dev.caravan.config;

import java.util.Locale;

/** What the daemon writes to standard error. */
public record LogSettings(
    @Setting(
            value =
                "text, or json for one object a line; the environment's CARAVAN_LOG goes before.",
            def = "text")
        Format format,
    @Setting(
            value =
                "The least that is written; the environment's CARAVAN_LOG_LEVEL goes before."
                    + " Libraries write warnings only.",
            def = "info")
        Level level) {

  /** The form of the lines. */
  public enum Format {
    TEXT,
    JSON;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How much is written. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
