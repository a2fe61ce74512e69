package dev.caravan.it;

import dev.caravan.config.S3Settings;
import java.nio.file.Path;

/** Writes the configuration that mirrors a store to a bucket. */
final class S3Yaml {

  private S3Yaml() {}

  static String of(Path store, S3Settings s3) {
    return """
    store:
      path: %s
      settle: 0s
      scan_interval: 1s
    storage:
      remotes:
        - provider: s3
          name: %s
          bucket: %s
          prefix: '%s'
          endpoint: %s
          region: %s
          path_style: true
          part_size: %d
          access_key_id: %s
          secret_access_key: %s
    """
        .formatted(
            store,
            s3.name(),
            s3.bucket(),
            s3.prefix(),
            s3.endpoint().orElseThrow(),
            s3.region(),
            s3.partSize().bytes(),
            s3.accessKeyId().orElseThrow().reveal(),
            s3.secretAccessKey().orElseThrow().reveal());
  }
}
