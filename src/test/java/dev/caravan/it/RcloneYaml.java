package dev.caravan.it;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A remote that rclone carries to.
 *
 * @param conf its configuration file
 * @param remote as rclone names it
 * @param objects where its disk shows the objects; for a bucket at S3Proxy or a folder
 */
record RcloneYaml(Path conf, String remote, Path objects) {

  /** A folder. */
  static RcloneYaml folder(Path folder) throws IOException {
    Path far = Files.createDirectories(folder.resolve("far"));
    return of(folder, "[disk]\ntype = local\n", "disk:" + far, far);
  }

  /** A folder of a bucket. */
  static RcloneYaml bucket(Path folder, S3Bucket bucket) throws IOException {
    S3Settings s3 = bucket.settings();
    String text =
        """
        [s3]
        type = s3
        provider = Other
        endpoint = %s
        access_key_id = %s
        secret_access_key = %s
        """
            .formatted(
                s3.endpoint().orElseThrow(), S3Server.ACCESS_KEY, S3Server.SECRET_KEY.reveal());
    return of(folder, text, "s3:" + s3.bucket() + "/far", bucket.disk().resolve("far"));
  }

  private static RcloneYaml of(Path folder, String text, String remote, Path objects)
      throws IOException {
    return new RcloneYaml(Files.writeString(folder.resolve("rclone.conf"), text), remote, objects);
  }

  /** A mirror of the store to it. */
  CaravanSetup setup(Path folder) {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    return caravan.config(
        """
        store:
          path: %s
          settle: 0s
          scan_interval: 1s
        storage:
          remotes:
            - provider: rclone
              name: far
              remote: "%s"
              config: %s
        """
            .formatted(caravan.store(), remote, conf));
  }

  /** Runs rclone itself; {@code far:} stands for the remote. */
  String run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("rclone", "--config", conf.toString()));
    for (String argument : arguments) {
      command.add(argument.startsWith("far:") ? remote + "/" + argument.substring(4) : argument);
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.matches("(AWS|RCLONE|XDG)_.*"));
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(command + ": " + said);
    }
    return said;
  }
}
