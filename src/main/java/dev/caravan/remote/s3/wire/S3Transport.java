package dev.caravan.remote.s3.wire;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Sends signed requests over pooled connections; the short way past the SDK's client pipeline,
 * which costs several times as much for small objects. Does not retry, with one exception: what was
 * refused only because the clocks differ is signed again once the difference is known.
 */
public final class S3Transport implements AutoCloseable {

  /** Bigger bodies ask first, so that a refusal is heard instead of a connection cut off. */
  private static final long ASK_FIRST_BYTES = 1 << 20;

  private final RequestSigner signer;
  private final ServerClock clock;
  private final S3Errors errors;
  private final Lazy client;
  private final Lazy patient;
  private volatile boolean closed;

  /**
   * Makes no client before one is needed: a cycle that finds nothing to do needs none.
   *
   * @param client makes the one for all but a few requests
   * @param patient makes one that waits up to fifteen minutes for an answer
   */
  public S3Transport(
      RequestSigner signer,
      ServerClock clock,
      S3Errors errors,
      Supplier<SdkHttpClient> client,
      Supplier<SdkHttpClient> patient) {
    this.signer = signer;
    this.clock = clock;
    this.errors = errors;
    this.client = new Lazy(client);
    this.patient = new Lazy(patient);
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
    S3Reply reply = once(request);
    boolean clockFault = reply.status() == 403 && !clock.offset().equals(signedWith);
    return clockFault ? once(request) : reply;
  }

  private S3Reply once(S3Request request) throws RemoteException, IOException {
    if (closed) {
      throw errors.cancelled(request);
    }
    SdkHttpRequest signed = sign(request);
    HttpExecuteRequest.Builder call = HttpExecuteRequest.builder().request(signed);
    try (SentBody body = new SentBody(request.body(), () -> closed)) {
      if (request.body().length() > 0) {
        call.contentStreamProvider(body);
      }
      try {
        SdkHttpClient by = (request.isPatient() ? patient : client).get();
        ExecutableHttpRequest ready = by.prepareRequest(call.build());
        HttpExecuteResponse response = ready.call();
        S3Reply reply = S3Reply.of(response.httpResponse(), response.responseBody().orElse(null));
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

  private SdkHttpRequest sign(S3Request request) throws RemoteException {
    try {
      if (request.body().length() >= ASK_FIRST_BYTES) {
        request.header("Expect", "100-continue");
      }
      return signer.sign(request);
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

  /** Breaks off what is under way. */
  @Override
  public void close() {
    closed = true;
    client.close();
    patient.close();
  }

  /** A client that is made when it is first asked for. */
  private static final class Lazy {
    private final Supplier<SdkHttpClient> maker;
    private @Nullable SdkHttpClient made;
    private boolean closed;

    Lazy(Supplier<SdkHttpClient> maker) {
      this.maker = maker;
    }

    synchronized SdkHttpClient get() {
      if (closed) {
        throw new IllegalStateException("The remote is closed");
      }
      SdkHttpClient known = made;
      if (known == null) {
        known = maker.get();
        made = known;
      }
      return known;
    }

    synchronized void close() {
      closed = true;
      if (made != null) {
        made.close();
      }
    }
  }
}
