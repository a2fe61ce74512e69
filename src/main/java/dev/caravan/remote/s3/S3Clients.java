package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
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
            .credentialsProvider(credentials(settings))
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

  /** Pooled connections for the short way. */
  static SdkHttpClient http(int connections, Duration patience, Duration idle) {
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

  /** Asked for each request; nothing is looked up before the first. */
  static Supplier<AwsCredentialsIdentity> identity(S3Settings settings) {
    if (settings.accessKeyId().isPresent()) {
      AwsCredentialsIdentity fixed = credentials(settings).resolveCredentials();
      return () -> fixed;
    }
    Supplier<AwsCredentialsProvider> usual = new Once<>(() -> credentials(settings));
    return () -> usual.get().resolveCredentials();
  }

  private static AwsCredentialsProvider credentials(S3Settings settings) {
    if (settings.accessKeyId().isEmpty()) {
      return DefaultCredentialsProvider.builder().build();
    }
    String id = settings.accessKeyId().get();
    String secret =
        settings
            .secretAccessKey()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Remote '" + settings.name() + "': secret_access_key is missing"))
            .reveal();
    return StaticCredentialsProvider.create(
        settings.sessionToken().isPresent()
            ? AwsSessionCredentials.create(id, secret, settings.sessionToken().get().reveal())
            : AwsBasicCredentials.create(id, secret));
  }

  /** Makes its value when it is first asked for. */
  private static final class Once<T> implements Supplier<T> {
    private final Supplier<T> source;
    private volatile Optional<T> value = Optional.empty();

    Once(Supplier<T> source) {
      this.source = source;
    }

    @Override
    public T get() {
      Optional<T> ready = value;
      if (ready.isPresent()) {
        return ready.get();
      }
      synchronized (this) {
        if (value.isEmpty()) {
          value = Optional.of(source.get());
        }
        return value.orElseThrow();
      }
    }
  }
}
