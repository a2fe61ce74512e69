package dev.caravan.remote.rclone;

import dev.caravan.config.RcloneSettings;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a test calls rclone: with a configuration file of its own, and a home without any.
 *
 * @param folder belongs to the test
 */
record RcloneSetup(Path folder, RcloneSettings settings, RcloneLimits limits) {

  static RcloneSetup in(Path folder, String remote) {
    Path config = folder.resolve("rclone.conf");
    RcloneSettings settings =
        new RcloneSettings("far", remote, Optional.of(config), "rclone", List.of(), false);
    return new RcloneSetup(folder, settings, RcloneLimits.STANDARD);
  }

  /** Writes rclone's configuration file. */
  RcloneSetup config(String text) throws IOException {
    Files.writeString(settings.config().orElseThrow(), text);
    return this;
  }

  RcloneSetup readBack() {
    RcloneSettings s = settings;
    return with(
        new RcloneSettings(s.name(), s.remote(), s.config(), s.binary(), s.flags(), true), limits);
  }

  RcloneSetup binary(String binary) {
    RcloneSettings s = settings;
    return with(
        new RcloneSettings(s.name(), s.remote(), s.config(), binary, s.flags(), s.readBack()),
        limits);
  }

  RcloneSetup flags(String... flags) {
    RcloneSettings s = settings;
    return with(
        new RcloneSettings(
            s.name(), s.remote(), s.config(), s.binary(), List.of(flags), s.readBack()),
        limits);
  }

  /** Much less patient than usual. */
  RcloneSetup hasty() {
    return with(
        settings,
        new RcloneLimits(
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2)));
  }

  private RcloneSetup with(RcloneSettings settings, RcloneLimits limits) {
    return new RcloneSetup(folder, settings, limits);
  }

  Rclone rclone() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(name -> name.matches("(AWS|RCLONE|XDG)_.*"));
    environment.put("HOME", folder.toString());
    // This release of rclone dies of it, so it must not come through.
    environment.put("AWS_CA_BUNDLE", folder.resolve("none.pem").toString());
    return new Rclone(settings, environment, limits);
  }

  RcloneRemote open() {
    return open(rclone());
  }

  RcloneRemote open(Rclone rclone) {
    return new RcloneRemote(settings, Clock.systemUTC(), rclone);
  }
}
