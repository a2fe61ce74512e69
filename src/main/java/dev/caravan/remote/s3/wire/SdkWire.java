package dev.caravan.remote.s3.wire;

import dev.caravan.remote.s3.http.HttpAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Through a client of the SDK, which knows proxies. */
public final class SdkWire implements Wire {

  private final S3Address address;
  private final SdkHttpClient client;
  private final SdkHttpClient patient;

  /**
   * @param client makes one that waits for this long
   */
  public SdkWire(
      S3Address address,
      Function<Duration, SdkHttpClient> client,
      Duration patience,
      Duration longPatience) {
    this.address = address;
    this.client = client.apply(patience);
    this.patient = client.apply(longPatience);
  }

  @Override
  public HttpAnswer call(SignedRequest request, SentBody body) throws IOException {
    String query = request.query().isEmpty() ? "" : "?" + request.query();
    SdkHttpRequest.Builder http =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.fromValue(request.method()))
            .protocol(address.scheme())
            .host(address.host())
            .port(address.port())
            .encodedPath(request.path() + query);
    request.headers().forEach(http::putHeader);
    HttpExecuteRequest.Builder call = HttpExecuteRequest.builder().request(http.build());
    if (body.length() > 0) {
      call.contentStreamProvider(() -> open(body));
    }
    SdkHttpClient by = request.isPatient() ? patient : client;
    HttpExecuteResponse response = by.prepareRequest(call.build()).call();
    return new Answer(response.httpResponse(), response.responseBody().orElse(null));
  }

  private static InputStream open(SentBody body) {
    try {
      return body.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    patient.close();
  }

  private record Answer(SdkHttpResponse response, @Nullable AbortableInputStream stream)
      implements HttpAnswer {

    @Override
    public int status() {
      return response.statusCode();
    }

    @Override
    public Optional<String> header(String name) {
      return response.firstMatchingHeader(name);
    }

    @Override
    public InputStream body() {
      return stream == null ? InputStream.nullInputStream() : stream;
    }

    @Override
    public void abort() {
      if (stream != null) {
        stream.abort();
      }
    }
  }
}
