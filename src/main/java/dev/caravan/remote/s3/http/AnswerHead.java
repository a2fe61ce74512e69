package dev.caravan.remote.s3.http;

import java.net.ProtocolException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The status line and the headers of an answer. The rules are those of RFC 9112.
 *
 * @param headers name, value, name, value and so on
 */
record AnswerHead(int status, boolean isOld, List<String> headers) {

  /** Of a body whose end is where the connection ends. */
  static final long UNTIL_CLOSED = -1;

  /** Of a body that comes in chunks. */
  static final long CHUNKED = -2;

  /**
   * @throws ProtocolException when this is not the status line of HTTP/1
   */
  static AnswerHead of(String statusLine, List<String> headers) throws ProtocolException {
    boolean known = statusLine.startsWith("HTTP/1.") && statusLine.length() >= 12;
    int status = known ? number(statusLine.substring(9, 12)) : -1;
    if (status < 100 || status > 599) {
      String shown = statusLine.substring(0, Math.min(40, statusLine.length()));
      throw new ProtocolException("not an answer of HTTP/1.1: '" + shown + "'");
    }
    return new AnswerHead(status, statusLine.charAt(7) == '0', headers);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  Optional<String> header(String name) {
    for (int i = 0; i < headers.size(); i += 2) {
      if (headers.get(i).equalsIgnoreCase(name)) {
        return Optional.of(headers.get(i + 1));
      }
    }
    return Optional.empty();
  }

  /** True for what only announces the answer. */
  boolean isInterim() {
    return status < 200;
  }

  /** True when the server will take another request over the same connection. */
  boolean keepsOpen() {
    String said = header("Connection").orElse("").toLowerCase(Locale.ROOT);
    return isOld ? said.contains("keep-alive") : !said.contains("close");
  }

  /**
   * How many bytes follow the answer to a request of this method, or one of the constants.
   *
   * @throws ProtocolException when the length is not a number
   */
  long bodyBytes(String method) throws ProtocolException {
    if (method.equals("HEAD") || status == 204 || status == 304) {
      return 0;
    }
    String encoding = header("Transfer-Encoding").orElse("").toLowerCase(Locale.ROOT);
    if (encoding.endsWith("chunked")) {
      return CHUNKED;
    }
    Optional<String> length = header("Content-Length");
    if (length.isEmpty()) {
      return UNTIL_CLOSED;
    }
    try {
      long bytes = Long.parseLong(length.get().strip());
      if (bytes >= 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw new ProtocolException("Content-Length is '" + length.get() + "'");
  }
}
