package dev.caravan.remote.s3.wire;

import dev.caravan.remote.s3.http.HttpAnswer;
import java.io.IOException;

/** What carries signed requests to the server. */
public interface Wire extends AutoCloseable {

  /**
   * Sends a request and returns what was answered, whatever that is.
   *
   * @throws IOException when the connection broke or the body could not be read; the body knows
   *     which
   */
  HttpAnswer call(SignedRequest request, SentBody body) throws IOException;

  /** Breaks off what is under way. */
  @Override
  void close();
}
