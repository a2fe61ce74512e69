package dev.caravan.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LayoutsTest {

  private static final String TRACES = "caravan.log.traces";

  @AfterEach
  void shortTraces() {
    System.clearProperty(TRACES);
  }

  @Test
  void aLineSaysWhenHowBadWhoAndWhat() {
    assertThat(new TextLayout().doLayout(event("Sync succeeded", null, Map.of("run_id", "r1"))))
        .isEqualTo("2026-01-02T03:04:05.678Z WARN  run run=r1 Sync succeeded\n");
  }

  @Test
  void aNameForgesNoLineAndMovesNoCursor() {
    Map<String, String> context = Map.of("path", "a\nb", "remote", "s3");
    assertThat(new TextLayout().doLayout(event("x\r\n2026 INFO y\u001b[2J\u0085", null, context)))
        .isEqualTo(
            "2026-01-02T03:04:05.678Z WARN  run remote=s3 path=a\\nb"
                + " x\\r\\n2026 INFO y\\u001b[2J\\u0085\n");
  }

  @Test
  void aFaultIsOneLineUnlessItsTraceIsWanted() {
    Exception fault = new IllegalStateException("broken\nhere", new RuntimeException("inner"));
    assertThat(new TextLayout().doLayout(event("Oh", fault, Map.of())))
        .endsWith(" Oh: java.lang.IllegalStateException: broken\\nhere\n")
        .hasLineCount(1);
    System.setProperty(TRACES, "full");
    assertThat(new TextLayout().doLayout(event("Oh", fault, Map.of())))
        .contains("Oh\njava.lang.IllegalStateException: broken")
        .contains("at dev.caravan.log.LayoutsTest.")
        .contains("Caused by: java.lang.RuntimeException: inner");
  }

  @Test
  void asJsonEachEventIsOneObject() throws Exception {
    Exception fault = new IllegalStateException("broken");
    Map<String, String> context =
        Map.of("run_id", "r1", "path", "a\nb", "export", "7", "other", "x");
    String line = new JsonLayout().doLayout(event("two\nlines \"quoted\"", fault, context));
    assertThat(line).hasLineCount(1).endsWith("}\n");
    JsonNode event = new ObjectMapper().readTree(line);
    assertThat(event.fieldNames())
        .toIterable()
        .containsExactly(
            "time", "level", "logger", "thread", "message", "run_id", "path", "export", "error");
    assertThat(event.get("time").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(event.get("message").asText()).isEqualTo("two\nlines \"quoted\"");
    assertThat(event.get("error").asText()).contains("IllegalStateException: broken", "at dev.");
  }

  private static ILoggingEvent event(
      String message, @Nullable Throwable fault, Map<String, String> context) {
    var logger = new LoggerContext().getLogger("caravan.run");
    LoggingEvent event = new LoggingEvent("", logger, Level.WARN, message, fault, null);
    event.setTimeStamp(1_767_323_045_678L);
    event.setMDCPropertyMap(context);
    return event;
  }
}
