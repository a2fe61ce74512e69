package dev.caravan.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Makes requests from the description: mostly what it asks for, often what it does not. The same
 * seed makes the same requests.
 */
public final class ApiFuzz {

  /** Spellings that have fooled a server somewhere. */
  static final List<String> NASTY =
      List.of(
          "",
          "..",
          "../../etc/passwd",
          "..%2f..%2fetc%2fpasswd",
          "%2e%2e%2f",
          "%2e%2e/%2e%2e/",
          "..%5c..%5c",
          "%252e%252e%252f",
          "..;/",
          "%c0%ae%c0%ae%c0%af",
          "%e0%80%ae",
          "%00",
          "a%00.txt",
          "%ff%fe",
          "//etc/passwd",
          "file:%2f%2f%2fetc%2fpasswd",
          "%0d%0aSet-Cookie:x=y",
          "%F0%9F%98%80",
          "%ed%a0%80",
          "a".repeat(3_000),
          "$%7Bjndi:ldap:%2f%2fx%7D",
          "$%7Bbody%7D",
          "%7B%7Benv:PATH%7D%7D",
          "'%20OR%201=1--",
          "-1",
          "0",
          "1e9",
          "99999999999999999999",
          "null",
          "true");

  private static final List<String> BODIES =
      List.of(
          "",
          " ",
          "{",
          "}",
          "[]",
          "null",
          "7",
          "\"x\"",
          "{\"a\":1,\"a\":2}",
          "{\"\\u0000\":1}",
          "{\"dry_run\":tru}",
          "{\"x\":\"\\ud800\"}",
          "{\"path\":\"x\\ud800\"}",
          "{\"paths\":[\"\\udc00/x\"]}",
          "\ufeff{}",
          "{\"x\":1e999}",
          "[".repeat(2_000),
          "{\"a\":".repeat(500),
          "{} {}",
          "<xml/>",
          "{\"path\":" + "\"a\",".repeat(300) + "}");

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/json; charset=utf-8",
          "application/json; charset=bogus",
          "APPLICATION/JSON",
          "text/plain",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "multipart/form-data",
          ";",
          "*/*");

  private static final List<String> HEADERS =
      List.of(
          "CamelHttpResponseCode",
          "CamelHttpPath",
          "CamelHttpRawQuery",
          "CamelHttpMethod",
          "CamelCaravanStorePath",
          "limit",
          "id",
          "Last-Event-ID",
          "Range",
          "If-None-Match",
          "Accept",
          "Accept-Encoding",
          "X-HTTP-Method-Override",
          "X-Forwarded-Host",
          "Idempotency-Key");

  private final ApiDocument document;
  private final List<ApiDocument.Operation> operations;
  private final Random random;

  /** One request. */
  public record Shot(
      String method, String path, Map<String, String> headers, Optional<String> body) {}

  public ApiFuzz(ApiDocument document, long seed) {
    this.document = document;
    this.random = new Random(seed);
    this.operations =
        document.operations().stream()
            // A stream of events has no end; those who listen to it are tested elsewhere.
            .filter(each -> !each.path().equals("/api/events"))
            .toList();
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  public Shot next() {
    ApiDocument.Operation operation = pick(operations);
    String method = chance(90) ? operation.method() : pick(List.of("HEAD", "PUT", "OPTIONS"));
    String path = operation.path();
    StringBuilder query = new StringBuilder();
    Map<String, String> headers = new LinkedHashMap<>();
    for (JsonNode node : operation.node().path("parameters")) {
      JsonNode parameter = document.resolve(node);
      String name = parameter.path("name").asText();
      JsonNode schema = document.resolve(parameter.path("schema"));
      switch (parameter.path("in").asText()) {
        case "path" -> path = path.replace("{" + name + "}", value(name, schema));
        case "header" -> {
          if (chance(30)) {
            headers.put(name, plain(value(name, schema)));
          }
        }
        default -> {
          if (chance(50)) {
            query.append(query.isEmpty() ? '?' : '&').append(name).append('=');
            query.append(value(name, schema));
          }
        }
      }
    }
    if (chance(5)) {
      query.append(query.isEmpty() ? '?' : '&').append(pick(HEADERS)).append("=1");
    }
    if (chance(20)) {
      headers.put(pick(HEADERS), plain(pick(NASTY)));
    }
    return new Shot(method, path + query, headers, body(operation, headers));
  }

  private static String plain(String text) {
    return text.isEmpty() ? "x" : text.substring(0, Math.min(200, text.length()));
  }

  /** In its percent-encoded form. */
  private String value(String name, JsonNode schema) {
    if (chance(25)) {
      return pick(NASTY);
    }
    if (name.equals("wait")) {
      return pick(List.of("0", "1", "-1", "3601", "x"));
    }
    if (schema.has("enum")) {
      return schema.path("enum").get(random.nextInt(schema.path("enum").size())).asText();
    }
    if (schema.path("type").asText().equals("integer")) {
      long low = schema.path("minimum").asLong(-5);
      long high = schema.path("maximum").asLong(1_000_000);
      return Long.toString(chance(80) ? low + random.nextInt(100) : pick(List.of(low - 1, high)));
    }
    return pick(List.of("a", "plain.txt", "d%20e", "20261121-101112-abcdef01", "Zm9v", "ZmE"));
  }

  private Optional<String> body(ApiDocument.Operation operation, Map<String, String> headers) {
    JsonNode described = operation.node().at("/requestBody/content/application~1json/schema");
    if (!operation.method().equals("POST") || chance(10)) {
      return Optional.empty();
    }
    headers.put("Content-Type", chance(85) ? "application/json" : pick(TYPES));
    if (chance(30)) {
      return Optional.of(pick(BODIES));
    }
    List<String> fields = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field :
        document.resolve(described).path("properties").properties()) {
      if (chance(60)) {
        fields.add("\"" + field.getKey() + "\":" + json(document.resolve(field.getValue())));
      }
    }
    if (chance(10)) {
      fields.add("\"unknown\":" + json(described));
    }
    return Optional.of("{" + String.join(",", fields) + "}");
  }

  private String json(JsonNode schema) {
    if (chance(20)) {
      return pick(List.of("null", "1", "-1", "\"\"", "[]", "{}", "[[]]", "true", "1e400", "0.5"));
    }
    return switch (schema.path("type").asText()) {
      case "boolean" -> chance(50) ? "true" : "false";
      case "integer" -> Long.toString(random.nextLong());
      case "array" -> "[" + json(document.resolve(schema.path("items"))) + "]";
      default -> "\"" + text(schema) + "\"";
    };
  }

  private String text(JsonNode schema) {
    if (schema.has("enum") && chance(80)) {
      return schema.path("enum").get(random.nextInt(schema.path("enum").size())).asText();
    }
    return chance(50)
        ? pick(List.of("a", "30d", "2026-11-21T03:28:00.123Z", "plain.txt"))
        : URLEncoder.encode(pick(NASTY), StandardCharsets.UTF_8);
  }

  /** Bytes that began as a request and had an accident. */
  public byte[] mangled() {
    Shot shot = next();
    String text =
        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(
                shot.method(),
                shot.path(),
                shot.body().orElse("").length(),
                shot.body().orElse(""));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int accidents = 1 + random.nextInt(4);
    for (int i = 0; i < accidents; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }
}
