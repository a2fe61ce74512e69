package dev.caravan.remote.s3.wire;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Sends signed requests over pooled connections; the short way past the SDK's client pipeline,
 * which costs several times as much for small objects. Does not retry, with two exceptions: what
 * was refused because the clocks differ is signed again once the difference is known, and what was
 * refused because the credentials are old is signed again with new ones, if there are any.
 */
public final class S3Transport implements AutoCloseable {

  static final String EXPECT = "Expect";

  private final RequestSigner signer;
  private final ServerClock clock;
  private final S3Errors errors;
  private final Supplier<Wire> maker;
  private @Nullable Wire made;
  private volatile boolean closed;

  /**
   * @param wire makes what carries the requests, when the first is sent: a cycle that finds nothing
   *     to do needs none
   */
  public S3Transport(
      RequestSigner signer, ServerClock clock, S3Errors errors, Supplier<Wire> wire) {
    this.signer = signer;
    this.clock = clock;
    this.errors = errors;
    this.maker = wire;
  }

  /** Sends a request whose body, if any, is in memory; throws unless it succeeds. */
  public S3Reply send(S3Request request) throws RemoteException {
    S3Reply reply = exchange(request);
    if (!reply.isGood()) {
      throw errors.refused(request, reply);
    }
    return reply;
  }

  /** Sends a request whose body, if any, is in memory; returns whatever was answered. */
  public S3Reply exchange(S3Request request) throws RemoteException {
    try {
      return exchangeFile(request);
    } catch (IOException e) {
      throw errors.broken(request, e);
    }
  }

  /**
   * Sends a request with a file's content; throws unless it succeeds.
   *
   * @throws IOException when the content could not be read
   */
  public S3Reply sendFile(S3Request request) throws RemoteException, IOException {
    S3Reply reply = exchangeFile(request);
    if (!reply.isGood()) {
      throw errors.refused(request, reply);
    }
    return reply;
  }

  private S3Reply exchangeFile(S3Request request) throws RemoteException, IOException {
    Duration signedWith = clock.offset();
    AwsCredentialsIdentity signedBy = signer(request);
    S3Reply reply = once(request, signedBy);
    boolean again =
        switch (reply.status()) {
          case 403 -> !clock.offset().equals(signedWith) || signer.isRenewed(signedBy);
          case 400, 401 -> signer.isRenewed(signedBy);
          default -> false;
        };
    return again ? once(request, signer(request)) : reply;
  }

  private S3Reply once(S3Request request, AwsCredentialsIdentity identity)
      throws RemoteException, IOException {
    if (closed) {
      throw errors.cancelled(request);
    }
    SignedRequest signed = signer.sign(request, identity);
    try (SentBody body = new SentBody(request.body(), () -> closed)) {
      try {
        S3Reply reply = S3Reply.of(wire().call(signed, body));
        if (!reply.isGood() || clock.isLookDue()) {
          reply.header("Date").ifPresent(clock::learn);
        }
        return reply;
      } catch (IOException | RuntimeException e) {
        body.rethrow();
        throw closed ? errors.cancelled(request) : errors.broken(request, e);
      }
    }
  }

  private AwsCredentialsIdentity signer(S3Request request) throws RemoteException {
    try {
      return signer.signer();
    } catch (SdkClientException e) {
      throw errors.of(
          Cause.AUTHENTICATION,
          request.toString(),
          ErrorBody.oneLine("no credentials: " + e.getMessage()),
          "set access_key_id and secret_access_key, or one of AWS's usual sources");
    }
  }

  /** Says what went wrong with a request. */
  public S3Errors errors() {
    return errors;
  }

  private synchronized Wire wire() {
    if (closed) {
      throw new IllegalStateException("The remote is closed");
    }
    Wire known = made;
    if (known == null) {
      known = maker.get();
      made = known;
    }
    return known;
  }

  /** Breaks off what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    if (made != null) {
      made.close();
    }
  }
}
