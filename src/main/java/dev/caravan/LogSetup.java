package dev.caravan;

import dev.caravan.config.LogSettings;

/**
 * Hands the settings of the log to {@code log4j2.xml}, which reads them when the first line is
 * written. A system property or the environment goes before them, so that a container's log can be
 * set without its file.
 */
final class LogSetup {

  static final String FORMAT = "caravan.log";
  static final String LEVEL = "caravan.log.level";

  private LogSetup() {}

  /** To be called before anything is logged. */
  static void apply(LogSettings settings) {
    setUnlessGiven(FORMAT, "CARAVAN_LOG", settings.format().label());
    setUnlessGiven(LEVEL, "CARAVAN_LOG_LEVEL", settings.level().label());
  }

  private static void setUnlessGiven(String property, String variable, String value) {
    if (System.getProperty(property) == null && System.getenv(variable) == null) {
      System.setProperty(property, value);
    }
  }
}
