package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import dev.caravan.remote.s3.http.HttpPool;
import dev.caravan.remote.s3.wire.Credentials;
import dev.caravan.remote.s3.wire.S3Address;
import dev.caravan.remote.s3.wire.SdkWire;
import dev.caravan.remote.s3.wire.SocketWire;
import dev.caravan.remote.s3.wire.Wire;
import java.time.Duration;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the SDK's parts from the settings of a remote. */
public final class S3Clients {

  private static final Duration CONNECT = Duration.ofSeconds(10);

  private S3Clients() {}

  /**
   * The SDK's own client for the same bucket, for routes of the user such as {@code
   * aws2-s3:bucket?amazonS3Client=#name}. Costs half a second and 30 MiB when it is made, so make
   * it only when it is asked for; the caller closes it.
   */
  public static S3Client client(S3Settings settings) {
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(settings.region()))
            .credentialsProvider(provider(settings))
            .forcePathStyle(settings.pathStyle())
            .httpClientBuilder(
                ApacheHttpClient.builder()
                    .maxConnections(settings.transfers())
                    .connectionTimeout(CONNECT)
                    .socketTimeout(Duration.ofSeconds(60)));
    settings.endpoint().ifPresent(builder::endpointOverride);
    if (settings.endpoint().isPresent()
        || settings.checksum() == S3Settings.Checksums.WHEN_REQUIRED) {
      // The SDK's default trailers are refused by many servers that are not Amazon's.
      builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
      builder.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    }
    return builder.build();
  }

  /**
   * What carries requests to the bucket: sockets, or a client of the SDK where a proxy is set up,
   * for Java ({@code https.proxyHost}) or in the environment ({@code HTTPS_PROXY}).
   *
   * @param connections at the same time
   */
  static Wire wire(S3Address address, int connections, S3Patience patience) {
    if (isProxySet()) {
      return new SdkWire(
          address,
          wait -> http(connections, wait, patience.idle()),
          patience.answer(),
          patience.completion());
    }
    HttpPool pool =
        new HttpPool(
            address.scheme(), address.host(), address.port(), connections, patience.idle());
    return new SocketWire(pool, patience.answer(), patience.completion());
  }

  /** The SDK's client takes the proxy for http to servers of https as well. */
  private static boolean isProxySet() {
    return Stream.of(
            System.getProperty("http.proxyHost"),
            System.getProperty("https.proxyHost"),
            System.getenv("http_proxy"),
            System.getenv("https_proxy"),
            System.getenv("HTTP_PROXY"),
            System.getenv("HTTPS_PROXY"))
        .anyMatch(value -> value != null && !value.isBlank());
  }

  private static AwsCredentialsProvider provider(S3Settings settings) {
    Credentials credentials = new SettingsCredentials(settings);
    return () -> (AwsCredentials) credentials.current();
  }

  /** Pooled connections of the SDK's. */
  private static SdkHttpClient http(int connections, Duration patience, Duration idle) {
    return ApacheHttpClient.builder()
        .maxConnections(connections)
        .connectionTimeout(CONNECT)
        .connectionAcquisitionTimeout(Duration.ofSeconds(60))
        .socketTimeout(patience)
        .connectionMaxIdleTime(idle)
        .tcpKeepAlive(true)
        .expectContinueEnabled(false)
        .build();
  }
}
