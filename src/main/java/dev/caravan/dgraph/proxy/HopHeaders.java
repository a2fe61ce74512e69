package dev.caravan.dgraph.proxy;

import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Headers that concern one connection and not what is sent over it (RFC 9110, 7.6.1); all others
 * pass as they are.
 */
final class HopHeaders {

  private static final Set<String> HOP =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "te",
          "transfer-encoding",
          "upgrade",
          "proxy-authorization",
          "proxy-authenticate");

  private HopHeaders() {}

  /** True for what concerns one connection, whatever its {@code Connection} header says. */
  static boolean isHop(String name) {
    return HOP.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Copies what belongs to the message, in its order, repeated ones too. */
  static void copy(MultiMap from, MultiMap to) {
    Set<String> dropped = new HashSet<>(HOP);
    for (String value : from.getAll("Connection")) {
      for (String name : value.split(",")) {
        dropped.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    for (Map.Entry<String, String> header : from) {
      if (!dropped.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        to.add(header.getKey(), header.getValue());
      }
    }
    // Whoever can read trailers may be told so; this proxy passes them.
    if (from.getAll("TE").stream()
        .anyMatch(te -> te.toLowerCase(Locale.ROOT).contains("trailers"))) {
      to.add("TE", "trailers");
      to.add("Connection", "TE");
    }
  }

  /** True when a client wants to speak WebSocket; other offers to change the protocol are not. */
  static boolean isWebSocket(MultiMap headers) {
    return holds(headers.getAll("Connection"), "upgrade")
        && holds(headers.getAll("Upgrade"), "websocket");
  }

  private static boolean holds(List<String> values, String word) {
    return values.stream()
        .flatMap(value -> Stream.of(value.split(",")))
        .anyMatch(each -> each.strip().equalsIgnoreCase(word));
  }

  /** True when the body's length is not said beforehand. */
  static boolean isChunked(MultiMap headers) {
    String encoding = headers.get("Transfer-Encoding");
    return encoding != null && encoding.toLowerCase(Locale.ROOT).contains("chunked");
  }
}
