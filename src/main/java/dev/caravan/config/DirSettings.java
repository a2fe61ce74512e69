package dev.caravan.config;

import java.nio.file.Path;

/**
 * A mounted disk or share.
 *
 * @param path must exist, unless {@code create}
 * @param create only for the built-in default remote: make the folder when it is missing
 */
public record DirSettings(
    String name,
    @Setting(value = "A mounted disk or share. It must exist.", example = "/mnt/backup") Path path,
    boolean create)
    implements RemoteSettings {
  @Override
  public String provider() {
    return "dir";
  }
}
