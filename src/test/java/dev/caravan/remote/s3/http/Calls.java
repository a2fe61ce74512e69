package dev.caravan.remote.s3.http;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Requests for tests. */
final class Calls {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Calls() {}

  static HttpCall get() {
    return request("/");
  }

  static HttpCall request(String path) {
    byte[] head = ("GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    return new HttpCall("GET", head, 0, InputStream::nullInputStream, false, PATIENCE);
  }

  static HttpCall head() {
    byte[] head = "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8);
    return new HttpCall("HEAD", head, 0, InputStream::nullInputStream, false, PATIENCE);
  }

  static HttpCall put(byte[] body, boolean asksFirst) {
    return call("PUT", body.length, asksFirst, () -> new ByteArrayInputStream(body));
  }

  static HttpCall call(String method, long bytes, boolean asks, HttpCall.Body body) {
    String head = method + " / HTTP/1.1\r\ncontent-length: " + bytes + "\r\n\r\n";
    return new HttpCall(method, head.getBytes(StandardCharsets.UTF_8), bytes, body, asks, PATIENCE);
  }

  static HttpCall patient(Duration patience, int bytes) {
    HttpCall call = put(new byte[bytes], false);
    return new HttpCall("PUT", call.head(), bytes, call.body(), false, patience);
  }
}
