package dev.caravan.log;

import dev.caravan.config.LogSettings;
import java.util.Locale;
import java.util.Optional;

/**
 * How the log is to be: a system property goes before the environment, and that before the
 * configuration, so that a container's log can be set without its file.
 *
 * <table>
 * <caption>What can be set</caption>
 * <tr><td>caravan.log, CARAVAN_LOG</td><td>text or json</td></tr>
 * <tr><td>caravan.log.level, CARAVAN_LOG_LEVEL</td><td>of Caravan's own messages</td></tr>
 * <tr><td>caravan.log.traces, CARAVAN_LOG_TRACES</td><td>full for whole stack traces</td></tr>
 * </table>
 */
public final class LogSetup {

  private static final String FORMAT = "caravan.log";
  private static final String LEVEL = "caravan.log.level";
  private static final String TRACES = "caravan.log.traces";

  private LogSetup() {}

  /** Takes what the configuration says; to be called before anything is logged. */
  public static void apply(LogSettings settings) {
    if (given(FORMAT).isEmpty()) {
      System.setProperty(FORMAT, settings.format().label());
    }
    if (given(LEVEL).isEmpty()) {
      System.setProperty(LEVEL, settings.level().label());
    }
  }

  /**
   * Nothing is logged unless somebody asked for it, and then what would log is not even loaded: it
   * is a tenth of a short command.
   */
  public static void silence() {
    if (given(LEVEL).isEmpty()) {
      System.setProperty(LEVEL, "off");
      System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
      System.setProperty("slf4j.internal.verbosity", "WARN");
    }
  }

  static boolean isJson() {
    return given(FORMAT).filter("json"::equalsIgnoreCase).isPresent();
  }

  static String level() {
    return given(LEVEL).orElse("info");
  }

  static boolean areTracesFull() {
    return given(TRACES).filter("full"::equalsIgnoreCase).isPresent();
  }

  private static Optional<String> given(String property) {
    String variable = property.replace('.', '_').toUpperCase(Locale.ROOT);
    return Optional.ofNullable(System.getProperty(property, System.getenv(variable)))
        .filter(value -> !value.isBlank());
  }
}
