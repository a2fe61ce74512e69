package dev.caravan.archive.timecode;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The file that announces a finished timecode directory: its name, its places and its YAML, as
 * SupRsync writes them. Keys come in the order of the alphabet.
 *
 * @param at when it is made, in seconds since 1970
 * @param finalizedUntil all that was registered up to then is copied
 * @param ignored remote paths of files that are left out because a person said so
 * @param dead remote paths of files that are left out because they were given up
 * @param supersedes the name of the file that said less before
 */
public record FinalizedFile(
    String archive,
    int timecode,
    String instance,
    double at,
    double finalizedUntil,
    long numFiles,
    Set<String> subdirs,
    Collection<String> ignored,
    Collection<String> dead,
    Optional<String> supersedes) {

  private static final Set<String> WORDS =
      Set.of("y", "n", "yes", "no", "true", "false", "on", "off", "null", "~");

  /** {@code 1686152766_smurf_16750_finalized.yaml}. */
  public String name() {
    return nameAt(archive, timecode, at);
  }

  /** The name of a file that is made at a time, in seconds since 1970: one for each second. */
  public static String nameAt(String archive, int timecode, double at) {
    return "%d_%s_%d_finalized.yaml".formatted((long) at, archive, timecode);
  }

  /** Below the root for such files. */
  public String localPath() {
    return "%d/%s/%s".formatted(TimecodePlanner.timecodeOf(at), instance, name());
  }

  /** Below the base of the destination. */
  public String remotePath() {
    return "%d/suprsync/%s/%s".formatted(TimecodePlanner.timecodeOf(at), instance, name());
  }

  public String yaml() {
    StringBuilder text = new StringBuilder();
    line(text, "archive_name", quoted(archive));
    line(text, "finalized_at", number(at));
    line(text, "finalized_until", number(finalizedUntil));
    list(text, "given_up_files", dead, false);
    list(text, "ignored_files", ignored, false);
    line(text, "instance_id", quoted(instance));
    line(text, "num_files", Long.toString(numFiles));
    list(text, "subdirs", subdirs, true);
    supersedes.ifPresent(name -> line(text, "supersedes", quoted(name)));
    line(text, "timecode", Integer.toString(timecode));
    return text.toString();
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(": ").append(value).append('\n');
  }

  private static void list(
      StringBuilder text, String key, Collection<String> values, boolean always) {
    if (values.isEmpty() && always) {
      line(text, key, "[]");
    } else if (!values.isEmpty()) {
      text.append(key).append(":\n");
      values.forEach(value -> text.append("- ").append(quoted(value)).append('\n'));
    }
  }

  /** With a point in it, so that it is read as a float. */
  private static String number(double value) {
    String plain = BigDecimal.valueOf(value).toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  private static String quoted(String text) {
    if (text.matches("(?=.*[A-Za-z])[A-Za-z0-9_][A-Za-z0-9_./-]*")
        && !text.matches("0[xb][0-9A-Fa-f_]+|[0-9_.]+[eE].*")
        && !WORDS.contains(text.toLowerCase(Locale.ROOT))) {
      return text;
    }
    if (text.chars().noneMatch(c -> c < 0x20 || (c >= 0x7f && c < 0xa0) || c > 0xd7ff)) {
      return "'" + text.replace("'", "''") + "'";
    }
    StringBuilder escaped = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        escaped.append(String.format("\\x%02x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.append('"').toString();
  }
}
