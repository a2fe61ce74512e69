package dev.caravan.remote.s3.wire;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A request as it goes over the wire.
 *
 * @param path percent-encoded, from the server's root
 * @param query canonical: sorted and percent-encoded; empty for none
 * @param headers all of them, {@code Host} and {@code Authorization} included
 */
record SignedRequest(
    String method, String path, String query, Map<String, String> headers, boolean isPatient) {

  /** The request line and the headers, up to and with the empty line. */
  byte[] head() {
    StringBuilder head = new StringBuilder(1024).append(method).append(' ').append(path);
    if (!query.isEmpty()) {
      head.append('?').append(query);
    }
    head.append(" HTTP/1.1\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }
}
