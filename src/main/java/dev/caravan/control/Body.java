package dev.caravan.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON object in a request's body. It is read token by token, and nothing is kept that was not
 * asked for: a body of nothing but brackets costs no more memory than its bytes.
 */
public final class Body {

  /** What may stand in a field. */
  public enum Kind {
    FLAG("true or false"),
    SIZE("a whole number, 0 or more"),
    NUMBER("a number"),
    TEXT("text that is not empty"),
    AGE("a time such as 30d, or a whole number of seconds"),
    TEXTS("a list of texts, at least one");

    private final String form;

    Kind(String form) {
      this.form = form;
    }
  }

  private static final int DEPTH_MAX = 50;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
          .build();

  private final Map<String, Object> values = new TreeMap<>();
  private Optional<ApiFault> fault = Optional.empty();

  private Body() {}

  /**
   * Reads a body; an empty one counts as an empty object.
   *
   * @param fields that may stand in it, and what each may hold; null counts as not there
   */
  static Body read(byte[] bytes, Map<String, Kind> fields) {
    Body body = new Body();
    if (isBlank(bytes)) {
      return body;
    }
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      body.read(parser, new TreeMap<>(fields));
    } catch (JsonProcessingException e) {
      throw notJson(e.getLocation(), reason(e));
    } catch (IOException e) {
      throw new ApiFault(400, "The body is not UTF-8");
    }
    // Only what is JSON in whole is judged by what it says.
    if (body.fault.isPresent()) {
      throw body.fault.get();
    }
    return body;
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  private static String place(@Nullable JsonLocation at) {
    return at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
  }

  private static String reason(JsonProcessingException e) {
    String first = e.getOriginalMessage().lines().findFirst().orElse("");
    // Where something began is told with notes on how the parser was set up.
    int begin = first.indexOf(" (start marker at");
    return ": " + (begin < 0 ? first : first.substring(0, begin));
  }

  private void read(JsonParser parser, Map<String, Kind> fields) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      fail("The body must be a JSON object");
      parser.skipChildren();
    } else {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        readField(parser, fields);
      }
    }
    if (parser.nextToken() != null) {
      throw notJson(parser.currentLocation(), ": more follows its end");
    }
  }

  private void readField(JsonParser parser, Map<String, Kind> fields) throws IOException {
    String name = parser.currentName();
    Kind kind = fields.get(name);
    JsonToken token = parser.nextToken();
    if (kind == null) {
      fail(
          fields.isEmpty()
              ? "Unknown field '%s'; this takes none".formatted(shortened(name))
              : "Unknown field '%s'; known are %s"
                  .formatted(shortened(name), String.join(", ", fields.keySet())));
      parser.skipChildren();
    } else if (token != JsonToken.VALUE_NULL) {
      Optional<Object> value = value(parser, kind);
      if (value.isEmpty()) {
        fail("%s must be %s".formatted(name, kind.form));
        return;
      }
      values.put(name, value.get());
    }
  }

  private static Optional<Object> value(JsonParser parser, Kind kind) throws IOException {
    JsonToken token = parser.currentToken();
    switch (kind) {
      case FLAG -> {
        if (token.isBoolean()) {
          return Optional.of(parser.getBooleanValue());
        }
      }
      case SIZE -> {
        if (token == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
            && parser.getLongValue() >= 0) {
          return Optional.of(parser.getLongValue());
        }
      }
      case NUMBER -> {
        if (token.isNumeric() && Double.isFinite(parser.getDoubleValue())) {
          return Optional.of(parser.getDoubleValue());
        }
      }
      case TEXT -> {
        if (token == JsonToken.VALUE_STRING && !parser.getText().isEmpty()) {
          return Optional.of(text(parser));
        }
      }
      case AGE -> {
        Kind form = token == JsonToken.VALUE_STRING ? Kind.TEXT : Kind.SIZE;
        return value(parser, form).map(String::valueOf);
      }
      case TEXTS -> {
        if (token == JsonToken.START_ARRAY) {
          return texts(parser);
        }
      }
    }
    parser.skipChildren();
    return Optional.empty();
  }

  private static Optional<Object> texts(JsonParser parser) throws IOException {
    List<String> texts = new ArrayList<>();
    boolean good = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        texts.add(text(parser));
      } else {
        good = false;
        parser.skipChildren();
      }
    }
    return good && !texts.isEmpty() ? Optional.of(texts) : Optional.empty();
  }

  /** No file, remote or anything else has a name with half a character in it. */
  private static String text(JsonParser parser) throws IOException {
    String text = parser.getText();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw notJson(parser.currentLocation(), ": half a character, a surrogate without its other");
    }
    return text;
  }

  private static ApiFault notJson(@Nullable JsonLocation at, String reason) {
    return new ApiFault(400, "The body is not JSON" + place(at) + reason);
  }

  private static String shortened(String name) {
    return name.length() <= 100 ? name : name.substring(0, 100) + "…";
  }

  private void fail(String detail) {
    if (fault.isEmpty()) {
      fault = Optional.of(new ApiFault(422, detail));
    }
  }

  /** True when it was said. */
  public boolean flag(String name) {
    return Boolean.TRUE.equals(values.get(name));
  }

  /** A whole number, where it was said. */
  public Optional<Long> size(String name) {
    return Optional.ofNullable((Long) values.get(name));
  }

  /** A number, where it was said. */
  public OptionalDouble number(String name) {
    Double value = (Double) values.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** A text, where it was said. */
  public Optional<String> text(String name) {
    return Optional.ofNullable((String) values.get(name));
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    if (values.get(name) instanceof List<?> given) {
      given.forEach(each -> texts.add((String) each));
    }
    return texts;
  }

  /** What was said, in the order of the names. */
  @Override
  public String toString() {
    return values.toString();
  }

  /** Whether anything was said under this name. */
  public boolean has(String name) {
    return values.containsKey(name);
  }
}
