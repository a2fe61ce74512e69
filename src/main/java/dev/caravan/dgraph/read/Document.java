package dev.caravan.dgraph.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operations of a GraphQL document, as far as they say which field of the answer is which: the
 * fields with their aliases and arguments, fragments filled in. Types and directives are skipped.
 */
final class Document {

  /** Deeper than this nobody asks. */
  private static final int DEPTH_MAX = 40;

  /** Fragments of fragments could multiply without end. */
  private static final int FIELDS_MAX = 10_000;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Tokens tokens;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, List<Part>> fragments = new HashMap<>();
  private int filled;

  /** One operation: {@code query}, {@code mutation} or {@code subscription}. */
  record Operation(String kind, String name, ObjectNode defaults, List<Part> parts) {}

  /** A field, or a fragment that stands for fields. */
  record Part(String key, String field, ObjectNode arguments, List<Part> parts, String spread) {}

  private Document(Tokens tokens) {
    this.tokens = tokens;
  }

  /**
   * Reads a document.
   *
   * @throws IllegalArgumentException when it cannot be read
   */
  static Document of(String text) {
    Document document = new Document(new Tokens(text));
    while (!document.tokens.isEnd()) {
      document.definition();
    }
    return document;
  }

  /** The operation that is carried out: the only one, or the one of that name. */
  Optional<Operation> find(String name) {
    return operations.stream()
        .filter(each -> name.isEmpty() ? operations.size() == 1 : each.name().equals(name))
        .findFirst();
  }

  /** The fields of a selection, those of its fragments among them. */
  List<Part> fields(List<Part> parts) {
    List<Part> fields = new ArrayList<>();
    fill(parts, fields, 0);
    return fields;
  }

  private void fill(List<Part> parts, List<Part> fields, int depth) {
    if (depth > DEPTH_MAX) {
      throw new IllegalArgumentException("fragments go too deep");
    }
    for (Part part : parts) {
      if (++filled > FIELDS_MAX) {
        throw new IllegalArgumentException("too many fields");
      }
      if (part.field().isEmpty()) {
        boolean inline = part.spread().isEmpty();
        List<Part> inner = inline ? part.parts() : fragments.get(part.spread());
        fill(inner == null ? List.of() : inner, fields, depth + 1);
      } else {
        fields.add(part);
      }
    }
  }

  private void definition() {
    String kind = tokens.peek().equals("{") ? "query" : tokens.next();
    if (kind.equals("fragment")) {
      String name = tokens.next();
      tokens.expect("on");
      tokens.next();
      directives();
      fragments.put(name, selection(0));
      return;
    }
    String name = tokens.isName() ? tokens.next() : "";
    ObjectNode defaults = variables();
    directives();
    operations.add(new Operation(kind, name, defaults, selection(0)));
  }

  /** {@code ($a: Int = 3, $b: [String!]!)}: only the defaults matter. */
  private ObjectNode variables() {
    ObjectNode defaults = JSON.objectNode();
    if (tokens.take("(")) {
      while (!tokens.take(")")) {
        tokens.expect("$");
        String name = tokens.next();
        tokens.expect(":");
        while (tokens.isName() || "[]!".contains(tokens.peek())) {
          tokens.next();
        }
        if (tokens.take("=")) {
          defaults.set(name, value(0));
        }
        directives();
      }
    }
    return defaults;
  }

  private void directives() {
    while (tokens.take("@")) {
      tokens.next();
      arguments();
    }
  }

  private List<Part> selection(int depth) {
    if (depth > DEPTH_MAX) {
      throw new IllegalArgumentException("goes too deep");
    }
    List<Part> parts = new ArrayList<>();
    tokens.expect("{");
    while (!tokens.take("}")) {
      parts.add(tokens.take("...") ? fragment(depth) : field(depth));
    }
    return parts;
  }

  private Part fragment(int depth) {
    boolean typed = tokens.take("on");
    if (typed) {
      tokens.next();
    }
    String name = !typed && tokens.isName() ? tokens.next() : "";
    directives();
    List<Part> inner = name.isEmpty() ? selection(depth + 1) : List.of();
    return new Part("", "", JSON.objectNode(), inner, name);
  }

  private Part field(int depth) {
    String key = tokens.next();
    String name = tokens.take(":") ? tokens.next() : key;
    ObjectNode arguments = arguments();
    directives();
    List<Part> inner = tokens.peek().equals("{") ? selection(depth + 1) : List.of();
    return new Part(key, name, arguments, inner, "");
  }

  private ObjectNode arguments() {
    ObjectNode arguments = JSON.objectNode();
    if (tokens.take("(")) {
      while (!tokens.take(")")) {
        String name = tokens.next();
        tokens.expect(":");
        arguments.set(name, value(0));
      }
    }
    return arguments;
  }

  /** A variable becomes {@code {"$": name}}, which no value can be: names have no dollar sign. */
  private JsonNode value(int depth) {
    if (depth > DEPTH_MAX) {
      throw new IllegalArgumentException("goes too deep");
    }
    String word = tokens.next();
    if (word.equals("$")) {
      return JSON.objectNode().put("$", tokens.next());
    }
    if (word.equals("[")) {
      ArrayNode list = JSON.arrayNode();
      while (!tokens.take("]")) {
        list.add(value(depth + 1));
      }
      return list;
    }
    if (word.equals("{")) {
      ObjectNode object = JSON.objectNode();
      while (!tokens.take("}")) {
        String name = tokens.next();
        tokens.expect(":");
        object.set(name, value(depth + 1));
      }
      return object;
    }
    return word.startsWith("\"") ? text(word) : JSON.textNode(word);
  }

  private static JsonNode text(String word) {
    if (word.startsWith("\"\"\"")) {
      return JSON.textNode(word.substring(3, word.length() - 3).strip());
    }
    try {
      return MAPPER.readTree(word);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a string", e);
    }
  }

  /** The value with variables put in; what has none is missing. */
  static JsonNode resolve(JsonNode value, JsonNode variables, ObjectNode defaults) {
    if (value.isObject() && value.size() == 1 && value.has("$")) {
      String name = value.get("$").asText();
      return variables.has(name) ? variables.get(name) : defaults.path(name);
    }
    if (!value.isObject()) {
      return value;
    }
    ObjectNode resolved = JSON.objectNode();
    value
        .properties()
        .forEach(
            each -> resolved.set(each.getKey(), resolve(each.getValue(), variables, defaults)));
    return resolved;
  }
}
