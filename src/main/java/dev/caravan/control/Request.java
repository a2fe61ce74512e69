package dev.caravan.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** What a request asks for, checked. */
record Request(Message message) {

  static Request of(Exchange exchange) {
    return new Request(exchange.getMessage());
  }

  /** A query or path parameter. */
  Optional<String> text(String name) {
    return Optional.ofNullable(message.getHeader(name, String.class)).filter(v -> !v.isEmpty());
  }

  int number(String name, int otherwise, int min, int max) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // the one message below says it all
    }
    throw new ApiFault(422, "%s must be a number from %d to %d".formatted(name, min, max));
  }

  /** The JSON body, in which no other than these fields may stand. */
  JsonNode body(Set<String> fields) {
    String body = Optional.ofNullable(message.getBody(String.class)).orElse("");
    if (!body.isBlank()) {
      String type = text("Content-Type").orElse("");
      if (!type.startsWith("application/json")) {
        throw new ApiFault(415, "Send the body as application/json");
      }
    }
    JsonNode node = Json.read(body);
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!fields.contains(name)) {
                throw new ApiFault(422, "Unknown field '%s'; known are %s".formatted(name, fields));
              }
            });
    return node;
  }

  static boolean flag(JsonNode body, String name) {
    JsonNode value = body.get(name);
    if (value == null || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw new ApiFault(422, name + " must be true or false");
    }
    return value.booleanValue();
  }
}
