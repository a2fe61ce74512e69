package dev.caravan.remote.s3;

import java.time.Clock;
import java.util.function.Supplier;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.internal.signer.CredentialScope;
import software.amazon.awssdk.http.auth.aws.internal.signer.V4Properties;
import software.amazon.awssdk.http.auth.aws.internal.signer.V4RequestSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Signs requests (AWS Signature Version 4) over a payload hash that is already known.
 *
 * <p>The SDK's public signer reads and hashes every payload itself, even if its hash is at hand:
 * each file would be read and hashed twice. So this uses the step below it, which signs whatever
 * {@code x-amz-content-sha256} says. A test holds both to the same signatures.
 */
final class RequestSigner {

  private static final String SERVICE = "s3";

  private final S3Address address;
  private final String region;
  private final Supplier<? extends AwsCredentialsIdentity> credentials;
  private final Clock clock;

  RequestSigner(
      S3Address address,
      String region,
      Supplier<? extends AwsCredentialsIdentity> credentials,
      Clock clock) {
    this.address = address;
    this.region = region;
    this.credentials = credentials;
    this.clock = clock;
  }

  SdkHttpRequest sign(S3Request request) {
    SdkHttpRequest.Builder http = unsigned(request);
    V4Properties properties =
        V4Properties.builder()
            .credentials(credentials.get())
            .credentialScope(new CredentialScope(region, SERVICE, clock.instant()))
            .signingClock(clock)
            .doubleUrlEncode(false)
            .normalizePath(false)
            .build();
    return V4RequestSigner.header(properties).sign(http).getSignedRequest().build();
  }

  SdkHttpRequest.Builder unsigned(S3Request request) {
    SdkHttpRequest.Builder http =
        SdkHttpRequest.builder()
            .method(request.method())
            .protocol(address.scheme())
            .host(address.host())
            .port(address.port())
            .encodedPath(address.path(request.key()))
            .putHeader("x-amz-content-sha256", request.body().sha256());
    request.query().forEach(http::putRawQueryParameter);
    request.headers().forEach(http::putHeader);
    switch (request.method()) {
      case PUT, POST -> http.putHeader("Content-Length", Long.toString(request.body().length()));
      case GET, HEAD, DELETE, OPTIONS, PATCH -> {
        // No body.
      }
    }
    return http;
  }
}
