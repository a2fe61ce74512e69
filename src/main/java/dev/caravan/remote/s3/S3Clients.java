package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import dev.caravan.remote.s3.http.HttpPool;
import dev.caravan.remote.s3.http.ProxyRules;
import dev.caravan.remote.s3.http.ProxyRules.Proxy;
import dev.caravan.remote.s3.wire.Credentials;
import dev.caravan.remote.s3.wire.S3Address;
import dev.caravan.remote.s3.wire.SdkWire;
import dev.caravan.remote.s3.wire.SocketWire;
import dev.caravan.remote.s3.wire.Wire;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.apache.ProxyConfiguration;
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
    ApacheHttpClient.Builder http =
        ApacheHttpClient.builder()
            .maxConnections(settings.transfers())
            .connectionTimeout(CONNECT)
            .socketTimeout(Duration.ofSeconds(60))
            .proxyConfiguration(configuration(proxy(S3Address.of(settings))));
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(settings.region()))
            .credentialsProvider(provider(settings))
            .forcePathStyle(settings.pathStyle())
            .httpClientBuilder(http);
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
   * What carries requests to the bucket: sockets, or a client of the SDK where it is reached by a
   * proxy.
   *
   * @param connections at the same time
   * @throws IllegalArgumentException when what is set for a proxy is none
   */
  static Wire wire(S3Address address, int connections, S3Patience patience) {
    Optional<Proxy> proxy = proxy(address);
    if (proxy.isPresent()) {
      return new SdkWire(
          address,
          wait -> http(proxy, connections, wait, patience.idle()),
          patience.answer(),
          patience.completion());
    }
    HttpPool pool =
        new HttpPool(
            address.scheme(), address.host(), address.port(), connections, patience.idle());
    return new SocketWire(pool, patience.answer(), patience.completion());
  }

  private static AwsCredentialsProvider provider(S3Settings settings) {
    Credentials credentials = new SettingsCredentials(settings);
    return () -> (AwsCredentials) credentials.current();
  }

  /** Pooled connections of the SDK's. */
  private static SdkHttpClient http(
      Optional<Proxy> proxy, int connections, Duration patience, Duration idle) {
    return ApacheHttpClient.builder()
        .proxyConfiguration(configuration(proxy))
        .maxConnections(connections)
        .connectionTimeout(CONNECT)
        .connectionAcquisitionTimeout(Duration.ofSeconds(60))
        .socketTimeout(patience)
        .connectionMaxIdleTime(idle)
        .tcpKeepAlive(true)
        .expectContinueEnabled(false)
        .build();
  }

  private static Optional<Proxy> proxy(S3Address address) {
    return ProxyRules.ofProcess().proxyFor(address.scheme(), address.host(), address.port());
  }

  /** This proxy, and none that the SDK finds by itself. */
  private static ProxyConfiguration configuration(Optional<Proxy> proxy) {
    ProxyConfiguration.Builder builder =
        ProxyConfiguration.builder()
            .useSystemPropertyValues(false)
            .useEnvironmentVariableValues(false);
    proxy.ifPresent(known -> builder.endpoint(known.address()));
    proxy
        .flatMap(Proxy::user)
        .ifPresent(
            user ->
                builder
                    .username(user.name())
                    .password(user.password())
                    .preemptiveBasicAuthenticationEnabled(true));
    return builder.build();
  }
}
