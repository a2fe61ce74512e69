package dev.caravan.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What a request asks for, checked. It is read from the address and the body as they were sent, not
 * from the message's headers, where an HTTP header looks like a parameter of the same name.
 */
public final class Request {

  private final Message message;
  private final Map<String, String> query;

  private Request(Message message, Map<String, String> query) {
    this.message = message;
    this.query = query;
  }

  /**
   * Reads a request.
   *
   * @param parameters that may stand in its query; another may be a slip of the pen that would
   *     change what is done, and is refused
   */
  public static Request of(Exchange exchange, String... parameters) {
    Message message = exchange.getMessage();
    String raw = message.getHeader(Exchange.HTTP_RAW_QUERY, "", String.class);
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : raw.isEmpty() ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      String name = Percent.decodeQuery(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : Percent.decodeQuery(pair.substring(equals + 1));
      if (!List.of(parameters).contains(name)) {
        throw new ApiFault(422, "Unknown parameter '%s'; %s".formatted(name, known(parameters)));
      }
      if (query.put(name, value) != null) {
        throw new ApiFault(422, "%s is given twice".formatted(name));
      }
    }
    return new Request(message, query);
  }

  private static String known(String... parameters) {
    return parameters.length == 0
        ? "this takes none"
        : "known are " + String.join(", ", parameters);
  }

  /** A parameter of the query; one that is empty counts as not there. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
  }

  /** A number of the query, or what it is otherwise. */
  public int number(String name, int otherwise, int min, int max) {
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

  /** One of the words of an enum, in lower case. */
  public <E extends Enum<E>> Optional<E> word(String name, Class<E> type) {
    Optional<String> text = text(name);
    for (E each : type.getEnumConstants()) {
      if (text.equals(Optional.of(each.name().toLowerCase(Locale.ROOT)))) {
        return Optional.of(each);
      }
    }
    if (text.isPresent()) {
      List<String> known =
          List.of(type.getEnumConstants()).stream()
              .map(each -> each.name().toLowerCase(Locale.ROOT))
              .toList();
      throw new ApiFault(422, "%s must be one of %s".formatted(name, String.join(", ", known)));
    }
    return Optional.empty();
  }

  /** A segment of the path, counted from 0; empty when there is none. */
  public String segment(int number) {
    String[] segments = path().split("/", -1);
    return number + 1 < segments.length ? Percent.decode(segments[number + 1]) : "";
  }

  /** The path after its first segments, decoded. */
  String rest(int segments) {
    String[] parts = path().split("/", segments + 2);
    return parts.length == segments + 2 ? Percent.decode(parts[segments + 1]) : "";
  }

  private String path() {
    return message.getHeader(Exchange.HTTP_PATH, "", String.class);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(message.getHeader(name, String.class));
  }

  byte[] bytes() {
    return Optional.ofNullable(message.getBody(byte[].class)).orElse(new byte[0]);
  }

  /** The JSON body, in which no other than these fields may stand. */
  Body body(Map<String, Body.Kind> fields) {
    byte[] bytes = bytes();
    if (bytes.length > 0 && !isJson(header("Content-Type").orElse(""))) {
      throw new ApiFault(415, "Send the body as application/json");
    }
    return Body.read(bytes, fields);
  }

  private static boolean isJson(String type) {
    String media = type.split(";", 2)[0].strip();
    return media.equalsIgnoreCase("application/json");
  }
}
