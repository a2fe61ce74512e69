package dev.caravan.config.read;

import dev.caravan.config.RcloneSettings;
import dev.caravan.config.check.RcloneFlags;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What must hold for one remote of rclone's. */
final class RcloneRules {
  private static final Pattern PLAIN = Pattern.compile(":?[^:/,\\p{Cntrl}]+:[^\\p{Cntrl}]*");

  /** {@code name,option=value:path}, and {@code :type,option=value:path}. */
  private static final Pattern WITH_OPTIONS =
      Pattern.compile(":?[^:/,\\p{Cntrl}]+,[^\\p{Cntrl}]+:[^\\p{Cntrl}]*");

  private static final Pattern OPTION = Pattern.compile(",\\s*([a-z0-9_]+)=");

  private final Findings findings;

  RcloneRules(Findings findings) {
    this.findings = findings;
  }

  void check(RcloneSettings rclone, String path) {
    String remote = path + ".remote";
    boolean options = WITH_OPTIONS.matcher(rclone.remote()).matches();
    findings.check(
        !options && !PLAIN.matcher(rclone.remote()).matches(),
        remote,
        "is not a remote of rclone's with a path",
        "write name:path, such as s3:bucket/path; a folder of this machine is a provider: dir");
    Matcher option = OPTION.matcher(rclone.remote());
    findings.check(
        options && option.results().anyMatch(one -> RcloneFlags.isSecret(one.group(1))),
        remote,
        "has a secret in it",
        "define the remote in rclone.conf, and name it here");
    findings.check(
        !rclone.binary().matches("[^\\p{Cntrl}]+"),
        path + ".binary",
        "is not the name of a program",
        "write rclone, or its path");
    flags(rclone.flags(), path + ".flags");
  }

  private void flags(List<String> flags, String path) {
    for (int i = 0; i < flags.size(); i++) {
      String key = path + "[" + i + "]";
      RcloneFlags.fault(flags.get(i))
          .ifPresent(fault -> findings.check(true, key, fault.message(), fault.hint()));
    }
  }
}
