package dev.caravan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A place that rclone reaches, in rclone's own words.
 *
 * @param remote {@code name:path}, as rclone's commands take it
 * @param config rclone's configuration file; where rclone looks by itself when absent
 * @param binary the program, by its name on the PATH or by its path
 * @param flags of rclone, each {@code --name} or {@code --name=value}
 * @param readBack whether what no hash can prove is read again
 */
public record RcloneSettings(
    String name,
    @Setting(
            value = "Where the files go, as rclone writes it: a remote of rclone.conf, and a path.",
            example = "s3:bucket/path")
        String remote,
    @Setting(
            value = "rclone's configuration file; left out, rclone looks where it always does.",
            example = "~/.config/rclone/rclone.conf")
        Optional<Path> config,
    @Setting(value = "The rclone program, version 1.60 or newer.", def = "rclone") String binary,
    @Setting(
            value =
                "Flags for rclone, each --name or --name=value; none that would break a promise of"
                    + " Caravan, and none that carries a secret.",
            def = "[]",
            example = "[\"--s3-chunk-size=16M\"]")
        List<String> flags,
    @Setting(
            value =
                "Read each file again after it was sent, where rclone knows no hash of it (as with"
                    + " crypt). Without, such copies are proven by their size alone, which is not"
                    + " enough for a purge.",
            def = "false")
        boolean readBack)
    implements RemoteSettings {

  @Override
  public String provider() {
    return "rclone";
  }
}
