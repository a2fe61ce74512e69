package dev.caravan.control;

import dev.caravan.config.Durations;
import dev.caravan.control.Body.Kind;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * The steps for what this version does not do yet: what is asked is checked, and refused with 501.
 * Registered as the bean {@code later}.
 */
public final class LaterSteps {

  private static final Set<String> MODES = Set.of("size", "hash", "full");

  public void purge(Exchange exchange) {
    Body body =
        run(
            exchange,
            Map.of("dry_run", Kind.FLAG, "target_free_bytes", Kind.SIZE, "older_than", Kind.TEXT));
    body.text("older_than").ifPresent(text -> orInvalid("older_than", () -> Durations.parse(text)));
    refuse();
  }

  public void check(Exchange exchange) {
    Body body = run(exchange, Map.of("mode", Kind.TEXT, "repair", Kind.FLAG));
    if (!body.text("mode").filter(MODES::contains).isPresent()) {
      throw new ApiFault(422, "mode must be size, hash or full");
    }
    refuse();
  }

  /** The body of a request that would start a run. */
  private static Body run(Exchange exchange, Map<String, Kind> fields) {
    Request request = Request.of(exchange, "wait");
    request.number("wait", 0, 0, ControlSteps.WAIT_MAX_SECONDS);
    return request.body(fields);
  }

  private static void orInvalid(String field, Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new ApiFault(422, field + ": " + e.getMessage());
    }
  }

  private static void refuse() {
    throw new ApiFault(501, "This version cannot do that yet");
  }
}
