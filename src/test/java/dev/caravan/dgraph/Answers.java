package dev.caravan.dgraph;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.dgraph.read.AdminExchange;
import java.time.Instant;
import java.util.Map;

/** Answers of an Alpha, as the proxy shows them. */
final class Answers {

  private Answers() {}

  static AdminExchange ofTask(String id) {
    return new AdminExchange(
        "",
        "application/graphql",
        "",
        "mutation { export(input: {}) { taskId } }".getBytes(UTF_8),
        true,
        200,
        "",
        ("{\"data\":{\"export\":{\"taskId\":\"" + id + "\"}}}").getBytes(UTF_8),
        Map.of(),
        Instant.now());
  }
}
