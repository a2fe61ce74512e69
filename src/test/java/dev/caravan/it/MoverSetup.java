package dev.caravan.it;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Server;
import java.net.URI;
import java.nio.file.Path;

/** The built jar with the environment of a mover. */
final class MoverSetup {

  private MoverSetup() {}

  /** For commands on the backups in this bucket; with the memory of a small pod. */
  static CaravanSetup in(Path folder, S3Settings bucket) {
    URI endpoint = bucket.endpoint().orElseThrow();
    return CaravanSetup.in(folder)
        .jvm("-XX:MaxRAM=256m")
        .env("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY.reveal())
        .env("BUCKET_HOST", endpoint.getHost())
        .env("BUCKET_PORT", Integer.toString(endpoint.getPort()))
        .env("TLS_HOST", "false")
        .env("BUCKET_NAME", bucket.bucket())
        .env("CUSTOM_PATH_PREFIX", bucket.prefix());
  }
}
