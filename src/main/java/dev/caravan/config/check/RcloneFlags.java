package dev.caravan.config.check;

import dev.caravan.config.RcloneSettings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which flags and variables of rclone an operator may set: all that break no promise. */
public final class RcloneFlags {

  private static final Pattern FLAG = Pattern.compile("--[a-z0-9][a-z0-9-]*(=.*)?");

  /** The door to the child, what it says where, and what it may ask. */
  private static final String OURS =
      "rc|rc-.*|config|ask-password|log-.*|verbose|quiet|use-json-log|syslog.*|dump.*|progress"
          + "|interactive|help|version|bind";

  /** What leaves out files, or takes for equal what is not, or keeps two things for one. */
  private static final String UNTRUE =
      "dry-run|ignore-.*|size-only|checksum|existing|immutable|update|no-check-dest|no-traverse"
          + "|max-(transfer|duration|size|age|depth)|min-(size|age)|cutoff-mode|include.*|exclude.*"
          + "|filter.*|files-from.*|delete-.*|backup-dir|suffix.*|compare-dest|copy-dest"
          + "|track-renames.*|multi-thread-.*|(local-)?(copy-)?links|use-server-modtime";

  private static final Pattern FORBIDDEN = Pattern.compile(OURS + "|" + UNTRUE);

  private static final Pattern SECRET =
      Pattern.compile(
          "(.*-)?(pass|password2?|passphrase|secret|token|key|key-pem|credentials|sas-url"
              + "|header|headers|header-upload|header-download)");

  /** Ends like a secret, and is the name of a file. */
  private static final String KEY_FILE = "client-key";

  private static final String VARIABLE = "RCLONE_";

  private RcloneFlags() {}

  /** What is wrong with a flag as written, and what to do instead. */
  public record Fault(String message, String hint) {}

  /** Why a flag may not be passed on; empty when it may. */
  public static Optional<Fault> fault(String flag) {
    if (!FLAG.matcher(flag).matches()) {
      return Optional.of(
          new Fault("is not a flag of rclone's long form", "write --name or --name=value"));
    }
    String name = flag.substring(2).replaceFirst("=(?s).*", "");
    if (FORBIDDEN.matcher(name).matches()) {
      return Optional.of(
          new Fault(
              "is --" + name + ", with which Caravan could not keep its promises", "remove it"));
    }
    return isSecret(name)
        ? Optional.of(
            new Fault(
                "is --" + name + ", which would show a secret in the list of processes",
                "write it into rclone.conf, or set RCLONE_" + variable(name)))
        : Optional.empty();
  }

  /** True for the name of an option, with {@code -} or {@code _}, whose value nobody may see. */
  public static boolean isSecret(String option) {
    String name = option.replace('_', '-').toLowerCase(Locale.ROOT);
    return !name.equals(KEY_FILE) && SECRET.matcher(name).matches();
  }

  /** True for an environment variable of rclone's own that a child may inherit. */
  public static boolean mayInherit(String variable) {
    if (!variable.startsWith(VARIABLE)) {
      return false;
    }
    String name = variable.substring(VARIABLE.length()).toLowerCase(Locale.ROOT).replace('_', '-');
    boolean configuration = name.equals("config") || name.startsWith("config-");
    return configuration || !FORBIDDEN.matcher(name).matches();
  }

  /** The flags as arguments. */
  public static List<String> arguments(RcloneSettings settings) {
    return settings.flags().stream().filter(flag -> fault(flag).isEmpty()).toList();
  }

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
