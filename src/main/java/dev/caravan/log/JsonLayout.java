package dev.caravan.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/**
 * One JSON object a line, for collectors of logs: {@code time} (UTC), {@code level}, {@code
 * logger}, {@code thread}, {@code message}, then {@code run_id}, {@code remote} and {@code path} of
 * what the thread works on, and {@code error} with a whole stack trace, each where there is one.
 */
final class JsonLayout extends LayoutBase<ILoggingEvent> {

  private final JsonFactory json = new JsonFactory();

  @Override
  public String doLayout(ILoggingEvent event) {
    StringWriter line = new StringWriter(256);
    try (JsonGenerator out = json.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField(
          "time", TextLayout.TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
      out.writeStringField("level", event.getLevel().toString());
      out.writeStringField("logger", event.getLoggerName());
      out.writeStringField("thread", event.getThreadName());
      out.writeStringField("message", event.getFormattedMessage());
      Map<String, String> context = event.getMDCPropertyMap();
      for (String name : new String[] {"run_id", "remote", "path", "export"}) {
        String value = context.get(name);
        if (value != null) {
          out.writeStringField(name, value);
        }
      }
      IThrowableProxy fault = event.getThrowableProxy();
      if (fault != null) {
        out.writeStringField("error", ThrowableProxyUtil.asString(fault));
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.append('\n').toString();
  }
}
