package dev.caravan.snapshot.rclone;

import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.env.RcloneVariables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Runs {@code rclone sync} (or {@code copy}, where nothing is to be deleted) once. The keys reach
 * it by its environment only, never as arguments; of its own {@code RCLONE_*} variables it gets
 * those that change nothing but how it works.
 */
public final class RcloneBackup {

  private static final String REMOTE = "s3generic";
  private static final String CONFIG = "RCLONE_CONFIG_S3GENERIC";

  private static final Pattern PASSED =
      Pattern.compile(
          "PATH|HOME|TMPDIR|LANG|LC_.*|TZ|SSL_CERT_(FILE|DIR)|(?i:(https?|all|no)_proxy)");

  /** How long it may take to end when it is asked to. */
  private static final int LAST_SECONDS = 5;

  private final MoverSettings settings;
  private final Map<String, String> env;
  private final Consumer<String> told;
  private volatile Optional<Process> running = Optional.empty();
  private volatile boolean stopped;

  /**
   * @param env of this process
   * @param told is told each line that rclone says
   */
  public RcloneBackup(MoverSettings settings, Map<String, String> env, Consumer<String> told) {
    this.settings = settings;
    this.env = env;
    this.told = told;
  }

  /**
   * Runs it to its end.
   *
   * @param folder of the snapshot, with its slash; {@code ""} for a mirror
   * @param others folders within this one that belong to others
   * @param mostDeleted more deletions than this break it off
   * @throws IOException when it cannot be started, or fails
   */
  public void run(String folder, Collection<String> others, long mostDeleted)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(arguments(folder, others, mostDeleted));
    builder.environment().clear();
    builder.environment().putAll(environment());
    builder.redirectErrorStream(true);
    Process process = builder.start();
    running = Optional.of(process);
    if (stopped) {
      stop();
    }
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      process.getOutputStream().close();
      String last = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String shown = masked(line);
        told.accept(shown);
        last = shown.isBlank() ? last : shown;
      }
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("rclone ended with code %d: %s".formatted(code, last.strip()));
      }
    } finally {
      process.destroy();
    }
  }

  /** Ends it, from any thread, and waits a little until it has. */
  public void stop() {
    stopped = true;
    if (running.isPresent()) {
      Process process = running.get();
      process.destroy();
      try {
        if (!process.waitFor(LAST_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What it tells of its requests may hold a key. */
  String masked(String line) {
    S3Settings bucket = settings.bucket();
    String masked = line.replaceAll("(?i)(authorization|x-amz-security-token):.*", "$1: ***");
    for (Optional<Secret> each : List.of(bucket.secretAccessKey(), bucket.sessionToken())) {
      masked = each.isPresent() ? masked.replace(each.get().reveal(), "***") : masked;
    }
    return masked;
  }

  List<String> arguments(String folder, Collection<String> others, long mostDeleted) {
    boolean mirror = folder.isEmpty();
    boolean deletes = mirror && settings.safety().deleteExtraneous();
    S3Settings bucket = settings.bucket();
    String prefix = bucket.prefix().isEmpty() ? "" : bucket.prefix() + "/";
    List<String> arguments = new ArrayList<>(List.of("rclone", deletes ? "sync" : "copy"));
    arguments.add(settings.source().toString());
    arguments.add(REMOTE + ":" + bucket.bucket() + "/" + prefix + folder);
    if (!env.containsKey("RCLONE_VERBOSE") && !env.containsKey("RCLONE_LOG_LEVEL")) {
      arguments.add("-v");
    }
    arguments.addAll(List.of("--filter", "- /.caravan/**"));
    for (String other : others) {
      String name = other.replaceAll("([\\\\*?\\[\\]{}])", "\\\\$1");
      arguments.addAll(List.of("--filter", "- /" + name + "/**"));
    }
    if (deletes) {
      arguments.addAll(List.of("--max-delete", Long.toString(mostDeleted)));
    }
    return arguments;
  }

  Map<String, String> environment() {
    Map<String, String> child = new TreeMap<>();
    env.forEach(
        (name, value) -> {
          if (PASSED.matcher(name).matches() || RcloneVariables.isPassed(name)) {
            child.put(name, value);
          }
        });
    String documented = child.remove("RCLONE_BW_LIMIT");
    if (documented != null) {
      // Upstream's documents name this one, and rclone does not know it.
      child.putIfAbsent("RCLONE_BWLIMIT", documented);
    }
    child.put("RCLONE_CONFIG", "/dev/null");
    S3Settings bucket = settings.bucket();
    child.put(CONFIG + "_TYPE", "s3");
    child.put(CONFIG + "_PROVIDER", "Other");
    child.put(CONFIG + "_ENDPOINT", bucket.endpoint().orElseThrow().toString());
    child.put(CONFIG + "_REGION", bucket.region());
    child.put(CONFIG + "_NO_CHECK_BUCKET", "true");
    bucket
        .accessKeyId()
        .map(Secret::reveal)
        .ifPresent(k -> child.put(CONFIG + "_ACCESS_KEY_ID", k));
    bucket
        .secretAccessKey()
        .map(Secret::reveal)
        .ifPresent(key -> child.put(CONFIG + "_SECRET_ACCESS_KEY", key));
    bucket
        .sessionToken()
        .map(Secret::reveal)
        .ifPresent(t -> child.put(CONFIG + "_SESSION_TOKEN", t));
    return child;
  }
}
