package dev.caravan.config;

/** Settings of one remote, whatever its provider. */
public sealed interface RemoteSettings
    permits S3Settings, RcloneSettings, CamelSettings, SftpSettings, RsyncSettings, DirSettings {
  /** Unique among the remotes; letters, digits, {@code -} and {@code _}. */
  String name();

  /**
   * As written: {@code s3}, {@code rclone}, {@code camel}, {@code sftp}, {@code rsync}, {@code
   * dir}.
   */
  String provider();
}
