package dev.caravan.snapshot.report;

import dev.caravan.config.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where the report of a mover goes; nowhere, when both are absent.
 *
 * @param pushgateway address of a Pushgateway, without a user
 * @param authorization the header for it, where the address named a user and a password
 * @param textfile a file for the node exporter's textfile collector; its folder exists
 */
public record ReportSettings(
    Optional<URI> pushgateway, Optional<Secret> authorization, Optional<Path> textfile) {

  /** Where Kubernetes says the namespace of a pod. */
  private static final Path NAMESPACE =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

  /**
   * Reads {@code PUSHGATEWAY_URL} and {@code METRICS_TEXTFILE}; what is empty is absent.
   *
   * @param problems is told what is wrong, one sentence each, without any secret
   */
  public static ReportSettings read(Map<String, String> environment, Consumer<String> problems) {
    Optional<URI> address =
        find(environment, "PUSHGATEWAY_URL").flatMap(text -> address(text, problems));
    return new ReportSettings(
        address.map(ReportSettings::withoutUser),
        address.flatMap(ReportSettings::authorization),
        find(environment, "METRICS_TEXTFILE").flatMap(text -> textfile(text, problems)));
  }

  /**
   * The namespace of this pod: {@code POD_NAMESPACE}, else what the service account says, else
   * empty.
   */
  public static String namespace(Map<String, String> environment) {
    return namespace(environment, NAMESPACE);
  }

  static String namespace(Map<String, String> environment, Path file) {
    Optional<String> said = find(environment, "POD_NAMESPACE");
    if (said.isPresent()) {
      return said.get();
    }
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static Optional<String> find(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private static Optional<URI> address(String text, Consumer<String> problems) {
    try {
      URI address = new URI(text);
      boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
      if (web && address.getHost() != null && address.getRawQuery() == null) {
        return Optional.of(address);
      }
    } catch (URISyntaxException e) {
      // The same sentence as below; the text may hold a password.
    }
    problems.accept(
        "PUSHGATEWAY_URL is no address of a Pushgateway: write http://HOST:9091 or"
            + " https://USER:PASSWORD@HOST/PATH");
    return Optional.empty();
  }

  private static URI withoutUser(URI address) {
    String path = Optional.ofNullable(address.getRawPath()).orElse("").replaceFirst("/+$", "");
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    return URI.create(address.getScheme() + "://" + address.getHost() + port + path);
  }

  private static Optional<Secret> authorization(URI address) {
    return Optional.ofNullable(address.getUserInfo())
        .map(user -> Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)))
        .map(coded -> new Secret("Basic " + coded));
  }

  private static Optional<Path> textfile(String text, Consumer<String> problems) {
    try {
      Path file = Path.of(text).toAbsolutePath();
      Path folder = file.getParent();
      if (!text.endsWith(".prom")) {
        problems.accept(
            "METRICS_TEXTFILE does not end in .prom, and the node exporter reads no other files");
      } else if (folder == null || !Files.isDirectory(folder)) {
        problems.accept("METRICS_TEXTFILE lies in a folder that does not exist: " + folder);
      } else {
        return Optional.of(file);
      }
    } catch (InvalidPathException e) {
      problems.accept("METRICS_TEXTFILE is no path of a file");
    }
    return Optional.empty();
  }
}
