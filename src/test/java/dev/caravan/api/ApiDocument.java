package dev.caravan.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The OpenAPI document, and whether an answer is as it says. It is read more strictly than it is
 * written: an object may hold no field that the document does not name, so that what is added to
 * the API is added to its description.
 */
public final class ApiDocument {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode root;
  private final List<Operation> operations;
  private final Map<JsonNode, JsonSchema> schemas = new ConcurrentHashMap<>();

  /** One method of one path. */
  public record Operation(String path, String method, JsonNode node, Pattern pattern) {

    String name() {
      return method + " " + path;
    }
  }

  private ApiDocument(JsonNode root) {
    this.root = root;
    this.operations = read(root);
  }

  /** The one in the sources. */
  public static ApiDocument load() {
    try (InputStream in = ApiDocument.class.getResourceAsStream("/api/openapi.json")) {
      // The validator looks for what a reference means in "$defs".
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      JsonNode root = JSON.readTree(text.replace("#/components/schemas/", "#/$defs/"));
      ((ObjectNode) root).set("$defs", root.at("/components/schemas"));
      return new ApiDocument(closed(root));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode closed(JsonNode node) {
    if (node instanceof ObjectNode object
        && "object".equals(object.path("type").asText())
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(ApiDocument::closed);
    return node;
  }

  /** As it was read. */
  public JsonNode root() {
    return root;
  }

  public List<Operation> operations() {
    return operations;
  }

  private static List<Operation> read(JsonNode root) {
    List<Operation> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : root.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        String name = method.getKey().toUpperCase(Locale.ROOT);
        Pattern pattern = pattern(path.getKey());
        operations.add(new Operation(path.getKey(), name, method.getValue(), pattern));
      }
    }
    return List.copyOf(operations);
  }

  private static Pattern pattern(String template) {
    return Pattern.compile(
        template.equals("/api/files/{path}")
            ? "/api/files/.+"
            : template.replace(".", "\\.").replaceAll("\\{[^}]+}", "[^/]+"));
  }

  /** The operation that a request is for; a HEAD is for the GET. */
  public Optional<Operation> find(String method, String path) {
    String described = method.equals("HEAD") ? "GET" : method;
    String plain = plain(path);
    return operations().stream()
        .filter(each -> each.method().equals(described) && each.pattern.matcher(plain).matches())
        // A path written out comes before one with a parameter in it.
        .min((a, b) -> Boolean.compare(a.path().contains("{"), b.path().contains("{")));
  }

  /** What a server takes a path for, however it is written: without its query, dots and doubles. */
  private static String plain(String path) {
    String dotted = path.replaceFirst("\\?.*", "").replaceAll("(?i)%2e", ".");
    return Path.of(dotted).normalize().toString();
  }

  /** What a reference stands for. */
  public JsonNode resolve(JsonNode node) {
    String reference = node.path("$ref").asText("");
    return reference.isEmpty() ? node : resolve(root.at(reference.substring(1)));
  }

  /** Fails when an answer to this request is not one that the document describes. */
  public void check(String method, String path, ApiAnswer answer) {
    String what = method + " " + path + " -> " + answer;
    assertThat(answer.header("X-Content-Type-Options")).as(what).contains("nosniff");
    assertThat(answer.header("Cache-Control")).as(what).contains("no-store");
    Optional<Operation> operation = find(method, path);
    if (operation.isEmpty() && isConsole(method, path)) {
      assertThat(answer.status()).as(what).isEqualTo(200);
      assertThat(answer.header("Content-Type")).as(what).contains("text/html; charset=utf-8");
      return;
    }
    if (operation.isEmpty()) {
      checkUndescribed(what, method, answer);
      return;
    }
    JsonNode responses = operation.get().node().path("responses");
    String status = Integer.toString(answer.status());
    assertThat(responses.has(status)).as("%s: %s is not described", what, status).isTrue();
    JsonNode response = resolve(responses.path(status));
    response.path("headers").properties().forEach(header -> checkHeader(what, header, answer));
    checkBody(what, response, method, answer);
  }

  /** The page for people is no part of what is described. */
  private static boolean isConsole(String method, String path) {
    return (method.equals("GET") || method.equals("HEAD")) && plain(path).equals("/");
  }

  /** No path, or no method of it: a problem, or the list of methods. */
  private void checkUndescribed(String what, String method, ApiAnswer answer) {
    assertThat(answer.status()).as(what).isIn(204, 400, 401, 403, 404, 405, 413, 414, 421, 429);
    if (answer.status() == 204 || answer.status() == 405) {
      assertThat(answer.header("Allow")).as(what).isPresent();
    }
    if (answer.status() != 204) {
      checkBody(what, root.at("/components/responses/NotFound"), method, answer);
    }
  }

  private void checkHeader(String what, Map.Entry<String, JsonNode> described, ApiAnswer answer) {
    Optional<String> value = answer.header(described.getKey());
    if (described.getValue().path("required").asBoolean()) {
      assertThat(value).as("%s: header %s", what, described.getKey()).isPresent();
    }
    value.ifPresent(
        text ->
            assertThat(faults(described.getValue().path("schema"), JSON.valueToTree(text)))
                .as(what)
                .isEmpty());
  }

  private void checkBody(String what, JsonNode response, String method, ApiAnswer answer) {
    String type = answer.header("Content-Type").orElse("").split(";", 2)[0].strip();
    JsonNode content = response.path("content");
    assertThat(content.has(type) || content.has("*/*")).as("%s: type %s", what, type).isTrue();
    if (type.endsWith("json") && !method.equals("HEAD")) {
      JsonNode body = json(what, answer.body());
      assertThat(faults(content.path(type).path("schema"), body)).as(what).isEmpty();
      if (type.equals("application/problem+json")) {
        assertThat(body.path("status").asInt()).as(what).isEqualTo(answer.status());
      }
    }
  }

  private static JsonNode json(String what, String body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new AssertionError(what + ": no JSON", e);
    }
  }

  /** What is wrong with a value, by a schema of the document. */
  public List<String> faults(JsonNode schema, JsonNode value) {
    return schemas.computeIfAbsent(schema, this::compiled).validate(value).stream()
        .map(Object::toString)
        .toList();
  }

  /** The references in a schema point into the document: so its schemas are put beside it. */
  private JsonSchema compiled(JsonNode schema) {
    ObjectNode whole = JSON.createObjectNode();
    whole.set("$defs", root.path("$defs"));
    whole.putArray("allOf").add(schema);
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole);
  }
}
