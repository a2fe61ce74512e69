package dev.caravan.control;

import dev.caravan.control.Body.Kind;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * The steps for what this version does not do yet: what is asked is checked, and refused with 501.
 * Registered as the bean {@code later}.
 */
public final class LaterSteps {

  private static final Set<String> MODES = Set.of("size", "hash", "full");

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
    RunAnswers.waitOf(request);
    return request.body(fields);
  }

  private static void refuse() {
    throw new ApiFault(501, "This version cannot do that yet");
  }
}
