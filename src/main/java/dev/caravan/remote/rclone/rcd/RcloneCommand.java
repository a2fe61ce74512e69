package dev.caravan.remote.rclone.rcd;

import dev.caravan.config.RcloneSettings;
import dev.caravan.config.check.RcloneFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the child is called. What is secret goes through its environment, never through its
 * arguments.
 *
 * @param arguments begin with the program
 * @param environment the whole of it
 */
record RcloneCommand(List<String> arguments, Map<String, String> environment) {

  /** The remote's root, under a name that needs no quotes and that nobody else would take. */
  static final String ROOT = "caravan_root:";

  private static final String CONFIG = "RCLONE_CONFIG_";

  /** What rclone calls to learn its version; the shortest of its commands. */
  static RcloneCommand version(RcloneSettings settings, Map<String, String> ours) {
    return new RcloneCommand(List.of(settings.binary(), "version"), ChildEnvironment.of(ours));
  }

  /**
   * The server that takes commands.
   *
   * @param password that it asks of its callers
   */
  static RcloneCommand server(
      RcloneSettings settings, Map<String, String> ours, String password, StoreSource source) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(settings.binary(), "rcd"));
    // One retry wrapper is enough, see Remote; an operator may ask for more.
    arguments.add("--low-level-retries=1");
    arguments.addAll(RcloneFlags.arguments(settings));
    settings.config().ifPresent(file -> arguments.add("--config=" + file));
    arguments.addAll(
        List.of(
            "--rc-addr=127.0.0.1:0",
            "--rc-serve",
            "--rc-job-expire-duration=10s",
            "--rc-job-expire-interval=5s",
            // Both count from the beginning of a request, and a big file may take days.
            "--rc-server-read-timeout=8760h",
            "--rc-server-write-timeout=8760h",
            "--ask-password=false",
            "--log-level=NOTICE",
            // A file is sent in one piece from its beginning, for it is hashed on the way.
            "--multi-thread-streams=0",
            // Whether a file is to be sent was decided before; equal times prove nothing.
            "--ignore-times"));
    Map<String, String> environment = new TreeMap<>(ChildEnvironment.of(ours));
    environment.put("RCLONE_RC_USER", RcloneChild.USER);
    environment.put("RCLONE_RC_PASS", password);
    environment.put(CONFIG + "CARAVAN_ROOT_TYPE", "alias");
    environment.put(CONFIG + "CARAVAN_ROOT_REMOTE", settings.remote());
    for (int lane = 0; lane < StoreSource.LANES; lane++) {
      String prefix = CONFIG + StoreSource.nameOf(lane).toUpperCase(Locale.ROOT);
      environment.put(prefix + "_TYPE", "webdav");
      environment.put(prefix + "_VENDOR", "other");
      environment.put(prefix + "_URL", source.address());
      environment.put(prefix + "_BEARER_TOKEN", source.token());
      environment.put(prefix + "_PACER_MIN_SLEEP", "1ms"); // Known to newer versions.
    }
    return new RcloneCommand(List.copyOf(arguments), environment);
  }
}
