package dev.caravan.dgraph.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a request to {@code /admin} asks for. Requests that cannot be read leave their answer to
 * speak for itself.
 *
 * @param exports the fields of the answer that are exports, by their name there
 * @param known false when the request could not be read
 */
record AdminRequest(Map<String, Asked> exports, boolean known) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AdminRequest UNKNOWN = new AdminRequest(Map.of(), false);

  /**
   * An export that is asked for.
   *
   * @param input its arguments, variables put in
   * @param names of the payload's fields in the answer, by what they are
   * @param inner names of the fields below {@code response}
   */
  record Asked(JsonNode input, Map<String, String> names, Map<String, String> inner) {

    /** Where nothing is known, everything is called what it is. */
    static final Asked PLAIN = new Asked(JsonNodeFactory.instance.objectNode(), Map.of(), Map.of());

    String format() {
      String format = input.path("format").asText("rdf").toLowerCase(Locale.ROOT);
      return format.equals("json") ? "json" : "rdf";
    }

    /** Without what follows a question mark, for there may be a secret in it. */
    Optional<String> destination() {
      String text = input.path("destination").asText("");
      boolean elsewhere = text.startsWith("/") || text.matches("(?i)(s3|minio)://.*");
      return elsewhere
          ? Optional.of(text.replaceFirst("\\?.*", "").replaceFirst("//[^/@]*@", "//"))
          : Optional.empty();
    }
  }

  /** The requests of an exchange: more than one where the body is a list. */
  static List<AdminRequest> of(AdminExchange exchange) {
    Map<String, String> query = query(exchange.query());
    Optional<byte[]> body =
        exchange.whole()
            ? Bytes.unpacked(exchange.request(), exchange.requestEncoding())
            : Optional.empty();
    if (body.isEmpty()) {
      return List.of(UNKNOWN);
    }
    String text = new String(body.get(), StandardCharsets.UTF_8);
    if (exchange.contentType().toLowerCase(Locale.ROOT).startsWith("application/graphql")) {
      return List.of(read(text, "", JSON.createObjectNode()));
    }
    if (text.isBlank()) {
      JsonNode variables = parse(query.getOrDefault("variables", "{}"));
      return List.of(
          query.containsKey("query")
              ? read(
                  query.getOrDefault("query", ""),
                  query.getOrDefault("operationName", ""),
                  variables)
              : UNKNOWN);
    }
    JsonNode json = parse(text);
    List<AdminRequest> requests = new ArrayList<>();
    for (JsonNode each : json.isArray() ? json : List.of(json)) {
      requests.add(
          read(
              each.path("query").asText(""),
              each.path("operationName").asText(""),
              each.path("variables")));
    }
    return requests;
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    for (String pair : raw.split("&", 100)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          query.put(
              pair.substring(0, equals),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          // Half an escape: the Alpha will say so.
        }
      }
    }
    return query;
  }

  private static AdminRequest read(String text, String name, JsonNode variables) {
    try {
      Document document = Document.of(text);
      Optional<Document.Operation> operation = document.find(name);
      if (operation.isEmpty()) {
        return UNKNOWN;
      }
      Map<String, Asked> exports = new HashMap<>();
      for (Document.Part field : document.fields(operation.get().parts())) {
        if (operation.get().kind().equals("mutation") && field.field().equals("export")) {
          exports.put(field.key(), asked(document, operation.get().defaults(), field, variables));
        }
      }
      return new AdminRequest(Map.copyOf(exports), true);
    } catch (IllegalArgumentException e) {
      return UNKNOWN;
    }
  }

  private static Asked asked(
      Document document, ObjectNode defaults, Document.Part field, JsonNode variables) {
    Map<String, String> names = new HashMap<>();
    Map<String, String> inner = new HashMap<>();
    for (Document.Part each : document.fields(field.parts())) {
      names.put(each.field(), each.key());
      document.fields(each.parts()).forEach(below -> inner.put(below.field(), below.key()));
    }
    JsonNode input = Document.resolve(field.arguments().path("input"), variables, defaults);
    return new Asked(input, Map.copyOf(names), Map.copyOf(inner));
  }
}
