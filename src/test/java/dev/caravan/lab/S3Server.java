package dev.caravan.lab;

import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.remote.s3.S3Clients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A real S3 server on loopback, started with its script in {@code src/test/lab} when it is first
 * asked for. One that is already up is used and left up; one that was started here is stopped when
 * the JVM ends. Data and port are remembered in {@code caravan.lab}, {@code target/lab} by default.
 */
public enum S3Server {
  /** The reference: encrypts with customer keys, checks signatures and Content-MD5. */
  CEPH,
  /** Checks signatures and every checksum; stores objects as files. */
  S3PROXY,
  /** Checks checksums, but no signature. */
  S3MOCK;

  public static final String ACCESS_KEY = "LABACCESSKEY0000001";
  public static final Secret SECRET_KEY = new Secret("labsecretlabsecretlabsecretlabsecret0001");

  static final Path LAB = Path.of(System.getProperty("caravan.lab", "target/lab")).toAbsolutePath();

  /** Where it listens; starts it when it does not run. */
  public synchronized URI endpoint() {
    try {
      Path data = Files.createDirectories(LAB.resolve(label()));
      Path portFile = data.resolve("port");
      if (Files.notExists(portFile)) {
        Files.writeString(portFile, Integer.toString(freePort()));
      }
      String port = Files.readString(portFile).strip();
      if (run("status", data, port) != 0) {
        if (run("start", data, port) != 0) {
          throw new IllegalStateException(
              "src/test/lab/" + label() + ".sh start failed; see " + data.resolve("script.log"));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(data, port)));
      }
      return URI.create("http://127.0.0.1:" + port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Settings for a new, empty bucket. */
  public S3Bucket newBucket() {
    S3Settings settings =
        S3Bucket.settings(label(), "test-" + UUID.randomUUID(), Optional.of(endpoint()));
    try (S3Client client = S3Clients.client(settings)) {
      client.createBucket(b -> b.bucket(settings.bucket()));
    }
    return new S3Bucket(settings);
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  private void stop(Path data, String port) {
    try {
      run("stop", data, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int run(String command, Path data, String port) throws IOException {
    String script = Path.of("src", "test", "lab", label() + ".sh").toString();
    ProcessBuilder builder = new ProcessBuilder(List.of("bash", script, command));
    builder.environment().put("LAB_DATA", data.toString());
    builder.environment().put("LAB_PORT", port);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolve("script.log").toFile()));
    Process process = builder.start();
    try {
      if (!process.waitFor(3, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return -1;
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      return -1;
    }
  }

  /** Ceph's monitor takes the port 1000 above, so both must be free and below 65536. */
  private static int freePort() throws IOException {
    for (int attempt = 0; attempt < 50; attempt++) {
      try (ServerSocket first = new ServerSocket(0)) {
        int port = first.getLocalPort();
        if (port + 1000 < 65536) {
          try (ServerSocket second = new ServerSocket(port + 1000)) {
            return second.getLocalPort() - 1000;
          } catch (IOException e) {
            // Taken: try another pair.
          }
        }
      }
    }
    throw new IOException("no two free ports 1000 apart");
  }
}
