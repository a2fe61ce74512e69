package dev.caravan.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads values that are maps by name, lists, texts, numbers, truths and null. Only
 * Jackson's streams stand behind it: its mapper, which knows objects of any class, takes a tenth of
 * the processor time in which a short command starts.
 */
public final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /**
   * In one line.
   *
   * @throws IllegalArgumentException when something else is in the value
   */
  public static String write(@Nullable Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator to = FACTORY.createGenerator(text)) {
      write(to, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** For people: each value in a line of its own. Otherwise as {@link #write}. */
  public static String indent(@Nullable Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator to = FACTORY.createGenerator(text)) {
      write(to.setPrettyPrinter(new DefaultPrettyPrinter()), value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator to, @Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      to.writeStartObject();
      for (Map.Entry<?, ?> each : map.entrySet()) {
        to.writeFieldName(String.valueOf(each.getKey()));
        write(to, each.getValue());
      }
      to.writeEndObject();
    } else if (value instanceof Collection<?> list) {
      to.writeStartArray();
      for (Object each : list) {
        write(to, each);
      }
      to.writeEndArray();
    } else if (value instanceof Number number) {
      write(to, number);
    } else if (value instanceof Boolean truth) {
      to.writeBoolean(truth);
    } else if (value instanceof String text) {
      to.writeString(text);
    } else if (value == null) {
      to.writeNull();
    } else {
      throw new IllegalArgumentException("Not for JSON: " + value.getClass().getName());
    }
  }

  private static void write(JsonGenerator to, Number number) throws IOException {
    if (number instanceof Integer || number instanceof Long) {
      to.writeNumber(number.longValue());
    } else if (number instanceof Double || number instanceof Float) {
      to.writeNumber(number.doubleValue());
    } else if (number instanceof BigInteger big) {
      to.writeNumber(big);
    } else if (number instanceof BigDecimal big) {
      to.writeNumber(big);
    } else {
      throw new IllegalArgumentException("Not for JSON: " + number.getClass().getName());
    }
  }

  /**
   * Reads an object. Whole numbers are {@code Integer}, {@code Long} or {@code BigInteger}, by
   * size; others are {@code Double}.
   *
   * @throws IOException when the text is anything else
   */
  public static Map<String, @Nullable Object> read(String text) throws IOException {
    try (JsonParser from = FACTORY.createParser(text)) {
      if (from.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("Not a JSON object");
      }
      Map<String, @Nullable Object> object = object(from);
      if (from.nextToken() != null) {
        throw new IOException("More than a JSON object");
      }
      return object;
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser from) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (from.nextToken() != JsonToken.END_OBJECT) {
      String name = from.currentName();
      from.nextToken();
      object.put(name, value(from));
    }
    return object;
  }

  private static List<@Nullable Object> list(JsonParser from) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    while (from.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(from));
    }
    return list;
  }

  private static @Nullable Object value(JsonParser from) throws IOException {
    return switch (from.currentToken()) {
      case START_OBJECT -> object(from);
      case START_ARRAY -> list(from);
      case VALUE_STRING -> from.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> from.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IOException("JSON ends in the middle");
    };
  }
}
