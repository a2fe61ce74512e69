package dev.caravan.control;

import dev.caravan.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts answers into exchanges. What came in with the request does not go out with them. */
public final class Answers {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");

  private Answers() {}

  /** An answer in JSON. */
  public static void json(Exchange exchange, int status, Object body) {
    send(exchange, status, "application/json", Json.write(body));
  }

  /** The run that fulfils a wish, and where to look at it. */
  static void accepted(Exchange exchange, String runId, String status) {
    accepted(exchange, runId, status, Map.of());
  }

  /**
   * @param more what is known of the run already
   */
  static void accepted(Exchange exchange, String runId, String status, Map<String, ?> more) {
    Map<String, Object> ticket = new LinkedHashMap<>();
    ticket.put("run_id", runId);
    ticket.put("status", status);
    ticket.putAll(more);
    json(exchange, 202, ticket);
    exchange.getMessage().setHeader("Location", "/api/runs/" + runId);
  }

  static void send(Exchange exchange, int status, String type, String body) {
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type);
    // Bytes, so that the answer says how long it is.
    exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
  }

  /** Turns a failure into a problem document; nothing of the inside is shown. */
  static void problem(Exchange exchange) {
    Exception fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof ApiFault api) {
        String detail = Optional.ofNullable(api.getMessage()).orElse("");
        send(exchange, api.status(), Problems.CONTENT_TYPE, Problems.json(api.status(), detail));
        return;
      }
    }
    LOG.error("A request failed: {}", String.valueOf(fault));
    LOG.debug("A request failed", fault);
    send(
        exchange,
        500,
        Problems.CONTENT_TYPE,
        Problems.json(500, "The request failed inside; the log says why"));
  }
}
