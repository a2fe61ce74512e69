package dev.caravan.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line an event for people: time in UTC, level, the logger's last word, what the thread works
 * on, the message. Line breaks are escaped, so that a file's name cannot forge a line; only whole
 * stack traces, where they are wanted, take further lines.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {

  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final boolean tracesFull = LogSetup.areTracesFull();

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    String level = event.getLevel().toString();
    line.append(' ').append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
    String logger = event.getLoggerName();
    line.append(logger, logger.lastIndexOf('.') + 1, logger.length());
    Map<String, String> context = event.getMDCPropertyMap();
    appendContext(line, "run", context.get("run_id"));
    appendContext(line, "remote", context.get("remote"));
    appendContext(line, "path", context.get("path"));
    line.append(' ');
    appendEscaped(line, event.getFormattedMessage());
    IThrowableProxy fault = event.getThrowableProxy();
    if (fault != null && !tracesFull) {
      line.append(": ").append(fault.getClassName());
      if (fault.getMessage() != null) {
        appendEscaped(line.append(": "), fault.getMessage());
      }
    }
    line.append('\n');
    if (fault != null && tracesFull) {
      line.append(ThrowableProxyUtil.asString(fault));
    }
    return line.toString();
  }

  private static void appendContext(StringBuilder line, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      appendEscaped(line.append(' ').append(name).append('='), value);
    }
  }

  /** Line breaks and other control characters become visible. */
  private static void appendEscaped(StringBuilder line, @Nullable String text) {
    if (text == null) {
      return;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append(c);
        default -> {
          if (Character.isISOControl(c)) {
            line.append("\\u%04x".formatted((int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
  }
}
