package dev.caravan.snapshot.env;

import dev.caravan.config.ByteSize;
import dev.caravan.config.MaxDelete;
import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.remote.flow.Room;
import dev.caravan.snapshot.keep.KeepRules;
import dev.caravan.snapshot.keep.SnapshotName;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the environment of a mover, with the names that the upstream image has. A variable that is
 * set to nothing counts as absent. Everything that is wrong is found in one go, and no message
 * holds the value of a secret.
 */
public final class MoverEnvironment {

  /** How the remote is called in messages. */
  private static final String NAME = "bucket";

  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\]");

  private static final Pattern BARE_IPV6 =
      Pattern.compile("[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}");

  private final Map<String, String> env;
  private final List<String> problems = new ArrayList<>();

  private MoverEnvironment(Map<String, String> env) {
    this.env = env;
  }

  /**
   * What came of it.
   *
   * @param settings as far as they could be read: of use only where there is no problem
   * @param problems a line each, which name the variable, what is wrong and what to write
   * @param notes a line each, on what is set but changes nothing
   */
  public record Result(MoverSettings settings, List<String> problems, List<String> notes) {}

  /** Reads all of it; looks at nothing else. */
  public static Result read(Map<String, String> env) {
    return new MoverEnvironment(env).result();
  }

  private Result result() {
    boolean isRclone = word("MOVER_ENGINE", "native", List.of("native", "rclone")).equals("rclone");
    if (isRclone) {
      refuseForRclone();
    }
    MoverTuning tuning = tuning(isRclone);
    MoverSettings settings =
        new MoverSettings(
            bucket(tuning),
            source(),
            flag("ADD_TIMESTAMP_PREFIX", false),
            timestamp(),
            find("MOVER_OWNER").map(this::owner),
            isRclone ? MoverSettings.Engine.RCLONE : MoverSettings.Engine.NATIVE,
            safety(),
            keep(),
            tuning);
    return new Result(settings, List.copyOf(problems), isRclone ? rclonesNotes() : notes());
  }

  private S3Settings bucket(MoverTuning tuning) {
    String key = need("AWS_ACCESS_KEY_ID", "the access key of the bucket");
    String secret = need("AWS_SECRET_ACCESS_KEY", "the secret key of the bucket");
    String bucket = need("BUCKET_NAME", "the bucket");
    if (!bucket.isEmpty() && !BUCKET.matcher(bucket).matches()) {
      problem(
          "BUCKET_NAME",
          "'" + bucket + "' is no name of a bucket; paths go elsewhere:" + " CUSTOM_PATH_PREFIX");
    }
    for (String header : List.of("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_REGION")) {
      if (find(header).filter(text -> !text.matches("[!-~]+")).isPresent()) {
        problem(header, "it has a blank, a line end or another character that none has");
      }
    }
    String prefix = prefix();
    URI endpoint = endpoint();
    return new S3Settings(
        NAME,
        bucket,
        prefix,
        Optional.of(endpoint),
        find("AWS_REGION").orElse("us-east-1"),
        Optional.of(new Secret(key)),
        Optional.of(new Secret(secret)),
        find("AWS_SESSION_TOKEN").map(Secret::new),
        true,
        S3Settings.Sse.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        ByteSize.ofMebibytes(16),
        false,
        S3Settings.Checksums.AUTO,
        tuning.room().most(),
        false);
  }

  private static final MoverTuning RCLONES_OWN =
      new MoverTuning(Room.of(4), 4, Optional.empty(), 32 << 20, MoverTuning.Talk.PROGRESS);

  private URI endpoint() {
    String named = need("BUCKET_HOST", "the host of the S3 server, such as minio.example.org");
    String host = BARE_IPV6.matcher(named).matches() ? "[" + named + "]" : named;
    boolean tls = flag("TLS_HOST", true);
    int port = number("BUCKET_PORT", 443, 1, 65_535);
    if (!host.isEmpty() && !isHost(host)) {
      problem(
          "BUCKET_HOST",
          ("'%s' is no host name (letters, digits, dots and - between them) and no address; scheme"
                  + " and port have variables of their own: TLS_HOST, BUCKET_PORT")
              .formatted(host.replaceAll(".*@", "***@")));
      return URI.create("http://invalid.invalid");
    }
    String safe = host.isEmpty() ? "invalid.invalid" : host;
    return URI.create((tls ? "https://" : "http://") + safe + ":" + port);
  }

  /** Names with an underscore, or a number at their end, are none for who connects to them. */
  private static boolean isHost(String text) {
    try {
      return HOST.matcher(text).matches() && new URI("http://" + text + ":1").getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private String prefix() {
    String prefix = find("CUSTOM_PATH_PREFIX").orElse("").replaceAll("^/+|/+$", "");
    for (String segment : prefix.isEmpty() ? new String[0] : prefix.split("/", -1)) {
      boolean isBad = segment.isEmpty() || segment.matches("\\.\\.?|\\.caravan");
      if (isBad || segment.chars().anyMatch(Character::isISOControl)) {
        problem(
            "CUSTOM_PATH_PREFIX",
            "it has a segment that is empty, '.', '..', '.caravan' or not printable");
        return "";
      }
    }
    return prefix;
  }

  private Path source() {
    String text = find("SOURCE_PATH").orElse("/data");
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      problem("SOURCE_PATH", "it is no path");
      return Path.of("/data");
    }
  }

  private Optional<String> timestamp() {
    Optional<String> text = find("BACKUP_TIMESTAMP");
    if (text.isPresent() && SnapshotName.find(text.get()).isEmpty()) {
      problem(
          "BACKUP_TIMESTAMP",
          "'%s' is no time; write YYYY-MM-DD-HHMMSS in UTC, such as 2026-11-21-032800"
              .formatted(text.get()));
    }
    return text;
  }

  private String owner(String text) {
    if (text.length() > 200 || text.chars().anyMatch(Character::isISOControl)) {
      problem("MOVER_OWNER", "write at most 200 printable characters");
    }
    return text.strip();
  }

  private MoverSettings.Safety safety() {
    MaxDelete most = MaxDelete.parse("10%");
    Optional<String> text = find("MAX_DELETE");
    if (text.isPresent()) {
      try {
        most = MaxDelete.parse(text.get());
      } catch (IllegalArgumentException e) {
        problem("MAX_DELETE", "'" + text.get() + "': " + e.getMessage());
      }
    }
    return new MoverSettings.Safety(
        flag("DELETE_EXTRANEOUS", true),
        most,
        flag("SKIP_UNREADABLE", false),
        flag("VERIFY_BACKUP", false));
  }

  private KeepRules keep() {
    return new KeepRules(
        number("RETENTION_DAYS", 0, 0, 36_500),
        number("RETENTION_KEEP_LAST", 0, 0, 100_000),
        number("RETENTION_KEEP_DAILY", 0, 0, 100_000),
        number("RETENTION_KEEP_WEEKLY", 0, 0, 100_000),
        number("RETENTION_KEEP_MONTHLY", 0, 0, 100_000));
  }

  /** rclone reads its own variables, and says itself what is wrong with them. */
  private MoverTuning tuning(boolean isRclone) {
    return isRclone ? RCLONES_OWN : new RcloneTuning(this::find, problems).read();
  }

  private List<String> notes() {
    return env.keySet().stream()
        .filter(name -> name.startsWith("RCLONE_") && !RcloneTuning.KNOWN.contains(name))
        .sorted()
        .map(
            name ->
                name
                    + " means nothing to the native engine"
                    + (RcloneVariables.isPassed(name) ? "; MOVER_ENGINE=rclone heeds it" : ""))
        .toList();
  }

  private void refuseForRclone() {
    env.forEach(
        (name, value) -> {
          if (RcloneVariables.isRefused(name, value)) {
            problem(
                name, "it changes what is saved or deleted behind the back of the mover; unset it");
          }
        });
    if (flag("VERIFY_BACKUP", false)) {
      problem("VERIFY_BACKUP", "needs a manifest, which MOVER_ENGINE=rclone writes none of");
    }
  }

  private List<String> rclonesNotes() {
    Stream<String> dropped =
        env.keySet().stream()
            .filter(name -> RcloneVariables.isDropped(name, find(name).orElse("")))
            .map(name -> name + " is not handed on to rclone; docs/datamover.md says which are");
    Stream<String> natives =
        env.keySet().stream()
            .filter(name -> name.startsWith("RETENTION_") || name.equals("SKIP_UNREADABLE"))
            .filter(name -> find(name).isPresent())
            .map(name -> name + " means nothing with MOVER_ENGINE=rclone");
    return Stream.concat(dropped, natives).sorted().toList();
  }

  private Optional<String> find(String name) {
    return Optional.ofNullable(env.get(name)).filter(text -> !text.isBlank()).map(String::strip);
  }

  private String need(String name, String what) {
    Optional<String> text = find(name);
    if (text.isEmpty()) {
      problem(name, "is missing: " + what);
    }
    return text.orElse("");
  }

  private boolean flag(String name, boolean usual) {
    return word(name, Boolean.toString(usual), List.of("true", "false")).equals("true");
  }

  private String word(String name, String usual, List<String> allowed) {
    String text = find(name).orElse(usual);
    if (!allowed.contains(text)) {
      problem(name, "'%s' is not known; write %s".formatted(text, String.join(" or ", allowed)));
      return usual;
    }
    return text;
  }

  private int number(String name, int usual, int least, int most) {
    Optional<String> text = find(name);
    if (text.isEmpty()) {
      return usual;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    problem(name, "'%s' is not a number from %d to %d".formatted(text.get(), least, most));
    return usual;
  }

  private void problem(String name, String what) {
    problems.add(name + (what.startsWith("is ") ? " " : ": ") + what);
  }
}
