package dev.caravan.remote.rclone.rcd;

import dev.caravan.config.check.RcloneFlags;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the child learns of our environment: what rclone's storages look for, and nothing else.
 * {@code AWS_CA_BUNDLE} is left out, for rclone 1.60 refuses to work with S3 when it is set.
 */
final class ChildEnvironment {

  private static final Pattern KNOWN =
      Pattern.compile(
          "PATH|HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|XDG_.*|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)"
              + "|(?i:(https?|all|no)_proxy)|AWS_.*|AZURE_.*|GOOGLE_APPLICATION_CREDENTIALS|OS_.*");

  private ChildEnvironment() {}

  static Map<String, String> of(Map<String, String> ours) {
    Map<String, String> environment = new TreeMap<>();
    ours.forEach(
        (name, value) -> {
          boolean known = KNOWN.matcher(name).matches() && !name.equals("AWS_CA_BUNDLE");
          if (known || RcloneFlags.mayInherit(name)) {
            environment.put(name, value);
          }
        });
    return environment;
  }
}
