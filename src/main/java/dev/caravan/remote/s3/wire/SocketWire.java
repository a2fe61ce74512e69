package dev.caravan.remote.s3.wire;

import dev.caravan.remote.s3.http.HttpAnswer;
import dev.caravan.remote.s3.http.HttpCall;
import dev.caravan.remote.s3.http.HttpPool;
import java.io.IOException;
import java.time.Duration;

/**
 * Straight to the server over pooled sockets: for small objects a fraction of what a client library
 * costs.
 */
public final class SocketWire implements Wire {

  private final HttpPool pool;
  private final Duration patience;
  private final Duration longPatience;

  /**
   * @param pool is closed with this
   * @param patience how long a server may say or take nothing
   * @param longPatience the same for requests that make it think
   */
  public SocketWire(HttpPool pool, Duration patience, Duration longPatience) {
    this.pool = pool;
    this.patience = patience;
    this.longPatience = longPatience;
  }

  @Override
  public HttpAnswer call(SignedRequest request, SentBody body) throws IOException {
    return pool.call(
        new HttpCall(
            request.method(),
            request.head(),
            body.length(),
            body::open,
            request.headers().containsKey(S3Transport.EXPECT),
            request.isPatient() ? longPatience : patience));
  }

  @Override
  public void close() {
    pool.close();
  }
}
