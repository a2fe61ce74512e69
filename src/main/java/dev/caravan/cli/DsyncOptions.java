package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.config.read.Problem;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** dsync's own options, and what came to them since. Each stands for a key below dgraph. */
final class DsyncOptions {

  @Option(names = "--endpoint", paramLabel = "HOST", description = "The S3 server.")
  private @Nullable String endpoint;

  @Option(names = "--access-key", paramLabel = "ID", description = "Its access key.")
  private @Nullable String accessKey;

  @Option(
      names = "--secret",
      paramLabel = "SECRET",
      description = "Its secret key; other users can see it here: prefer --secret-file.")
  private @Nullable String secret;

  @Option(names = "--secret-file", paramLabel = "FILE", description = "Holds its secret key.")
  private @Nullable String secretFile;

  @Option(names = "--bucket-name", paramLabel = "NAME", description = "The bucket.")
  private @Nullable String bucketName;

  @Option(
      names = "--crypto-key",
      paramLabel = "KEY",
      description =
          "32 characters, or base64 of 32 bytes; other users can see it here: prefer"
              + " --crypto-key-file or $DSYNC_CRYPTO_KEY.")
  private @Nullable String cryptoKey;

  @Option(names = "--crypto-key-file", paramLabel = "FILE", description = "Holds that key.")
  private @Nullable String cryptoKeyFile;

  @Option(
      names = "--secure",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "TLS to the S3 server; true by default.")
  private @Nullable Boolean secure;

  @Option(
      names = "--allow-insecure",
      description = "Lets the key travel over plain http: for tests and private networks.")
  private boolean allowInsecure;

  @Option(names = "--region", paramLabel = "REGION", description = "Default: us-east-1.")
  private @Nullable String region;

  @Option(names = "--prefix", paramLabel = "PREFIX", description = "In front of every key.")
  private @Nullable String prefix;

  /**
   * The settings that these options make, over those of the file and of {@code --set}.
   *
   * @param defaults {@code key=value} that anything else wins over
   * @param more keys without {@code dgraph.}, and their values; null where the option was not given
   */
  Settings settings(
      CaravanCommand caravan, List<String> defaults, Map<String, @Nullable Object> more)
      throws Engine.CommandFailure {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(more);
    values.put("endpoint", endpoint);
    values.put("access_key", accessKey);
    values.put("secret", secret);
    values.put("secret_file", secretFile);
    values.put("bucket_name", bucketName);
    values.put("crypto_key", cryptoKey);
    values.put("crypto_key_file", cryptoKeyFile);
    values.put("secure", secure);
    values.put("allow_insecure", allowInsecure ? "true" : null);
    values.put("region", region);
    values.put("prefix", prefix);
    Map<String, String> variables = new LinkedHashMap<>();
    Map<String, String> written = new LinkedHashMap<>();
    List<String> sets = new ArrayList<>();
    boolean hasKey = cryptoKey != null || cryptoKeyFile != null;
    if (!hasKey && caravan.hasVariable("DSYNC_CRYPTO_KEY")) {
      sets.add("dgraph.crypto_key=${DSYNC_CRYPTO_KEY}");
      written.put("dgraph.crypto_key", "$DSYNC_CRYPTO_KEY");
    }
    values.forEach(
        (key, value) -> {
          if (value != null) {
            // By a variable, so that nothing in the value is read as YAML or as a variable.
            String name = "DSYNC_OPTION_" + variables.size();
            variables.put(name, value.toString());
            sets.add("dgraph.%s=${%s}".formatted(key, name));
            written.put("dgraph." + key, option(key));
          }
        });
    Settings settings =
        caravan.settings(defaults, sets, variables, problem -> told(problem, written));
    if (!settings.dgraph().isWanted()) {
      throw new Engine.CommandFailure(2, "--bucket-name is missing: name the S3 bucket", null);
    }
    return settings;
  }

  private static String option(String key) {
    return key.startsWith("allowed_hosts") ? "--allow-host" : "--" + key.replace('_', '-');
  }

  /**
   * Names the option where one is wrong, since who wrote it did not write the key.
   *
   * @param written options by key
   */
  private static String told(Problem problem, Map<String, String> written) {
    String option = written.get(problem.key());
    return option == null
        ? problem.text()
        : new Problem(option, 0, 0, "", problem.message(), problem.hint()).text();
  }

  /** Tells of what other users of the machine can read. */
  void warn(PrintWriter err) {
    if (cryptoKey != null || secret != null) {
      err.println(
          "Warning: other users of this machine can see --crypto-key and --secret; use"
              + " --crypto-key-file and --secret-file, or $DSYNC_CRYPTO_KEY");
    }
  }
}
