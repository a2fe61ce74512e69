package dev.caravan.remote.s3.http;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * One request, complete but for its body.
 *
 * @param method in capitals
 * @param head the request line and every header, with the empty line at the end
 * @param bodyBytes exactly as many are sent
 * @param body opens what is sent; the caller closes what was opened
 * @param asksFirst the head says {@code Expect: 100-continue}: a refusal comes before the body
 * @param patience how long the server may say nothing, or take nothing
 */
public record HttpCall(
    String method, byte[] head, long bodyBytes, Body body, boolean asksFirst, Duration patience) {

  /** Opens the body of a request. */
  @FunctionalInterface
  public interface Body {

    /**
     * @throws IOException when it cannot be read, which is no fault of the connection
     */
    InputStream open() throws IOException;
  }
}
