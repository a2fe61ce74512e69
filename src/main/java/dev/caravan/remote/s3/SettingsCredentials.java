package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.remote.s3.wire.Credentials;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * The keys of the settings, which may lie in files that change while Caravan runs; without them
 * AWS's usual chain, which is first asked when the first request is signed.
 */
final class SettingsCredentials implements Credentials {

  private final S3Settings settings;
  private Optional<AwsCredentialsProvider> chain = Optional.empty();

  SettingsCredentials(S3Settings settings) {
    this.settings = settings;
  }

  @Override
  public AwsCredentialsIdentity current() {
    if (settings.accessKeyId().isEmpty()) {
      return chain().resolveCredentials();
    }
    String id = settings.accessKeyId().get().reveal().strip();
    String secret =
        settings
            .secretAccessKey()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Remote '" + settings.name() + "': secret_access_key is missing"))
            .reveal()
            .strip();
    return settings.sessionToken().isPresent()
        ? AwsSessionCredentials.create(id, secret, settings.sessionToken().get().reveal().strip())
        : AwsBasicCredentials.create(id, secret);
  }

  private synchronized AwsCredentialsProvider chain() {
    if (chain.isEmpty()) {
      chain = Optional.of(DefaultCredentialsProvider.builder().build());
    }
    return chain.get();
  }

  @Override
  public void renew() {
    settings.accessKeyId().ifPresent(Secret::renew);
    settings.secretAccessKey().ifPresent(Secret::renew);
    settings.sessionToken().ifPresent(Secret::renew);
  }
}
