package dev.caravan.control;

import dev.caravan.control.Body.Kind;
import dev.caravan.event.StorePath;
import java.time.Instant;
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

  public void restore(Exchange exchange) {
    Body body = run(exchange, Map.of("paths", Kind.TEXTS, "from", Kind.TEXT, "as_of", Kind.TEXT));
    if (!body.has("paths")) {
      throw new ApiFault(422, "paths is missing: say what to bring back");
    }
    body.texts("paths").forEach(path -> orInvalid("paths", () -> StorePath.of(path)));
    body.text("as_of").ifPresent(text -> orInvalid("as_of", () -> Instant.parse(text)));
    refuse();
  }

  public void check(Exchange exchange) {
    Body body = run(exchange, Map.of("mode", Kind.TEXT, "repair", Kind.FLAG));
    if (!body.text("mode").filter(MODES::contains).isPresent()) {
      throw new ApiFault(422, "mode must be size, hash or full");
    }
    refuse();
  }

  public void read(Exchange exchange) {
    Body body = Request.of(exchange).body(Map.of("path", Kind.TEXT));
    String path =
        body.text("path").orElseThrow(() -> new ApiFault(422, "path is missing: say what to read"));
    orInvalid("path", () -> StorePath.of(path));
    refuse();
  }

  /** {@code GET /api/files/{path}}. */
  public void content(Exchange exchange) {
    String path = Request.of(exchange).rest(2);
    orInvalid("path", () -> StorePath.of(path));
    refuse();
  }

  /** The body of a request that would start a run. */
  private static Body run(Exchange exchange, Map<String, Kind> fields) {
    Request request = Request.of(exchange, "wait");
    RunAnswers.waitOf(request);
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
