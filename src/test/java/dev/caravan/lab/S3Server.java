package dev.caravan.lab;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.remote.s3.S3Clients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A real S3 server on loopback, started with its script in {@code src/test/lab} when it is first
 * asked for. All test processes share one: whoever comes first starts it, and the last to end stops
 * it. One that was already up is left up. Data and port are remembered in {@code caravan.lab},
 * {@code target/lab} by default.
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

  /** Held by each process that uses the server, from its first question on. */
  private @Nullable FileLock use;

  /**
   * Where it listens; starts it when it does not run. A start that fails is said, and tried twice
   * more with nothing but a new folder and new ports.
   */
  public synchronized URI endpoint() {
    try {
      Path data = Files.createDirectories(LAB.resolve(label()));
      try (FileChannel door = lockFile("door");
          FileLock alone = door.lock()) {
        if (use == null) {
          use = lockFile("use").lock(0, Long.MAX_VALUE, true);
          Runtime.getRuntime().addShutdownHook(new Thread(this::leave));
        }
        return URI.create("http://127.0.0.1:" + started(data));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its port, once it runs. */
  private String started(Path data) throws IOException {
    Path log = LAB.resolve(label() + ".log");
    String port = port(data);
    for (int attempt = 1; run("status", data, port, log) != 0; attempt++) {
      if (run("start", data, port, log) == 0) {
        Files.writeString(ours(), port);
        break;
      }
      String failed = "src/test/lab/" + label() + ".sh start failed:\n" + end(log);
      if (attempt == 3) {
        throw new IllegalStateException(failed);
      }
      System.err.println(failed);
      run("wipe", data, port, log);
      Files.createDirectories(data);
      port = port(data);
    }
    return port;
  }

  /** Stops it, where tests started it and no other process uses it. */
  private synchronized void leave() {
    try (FileChannel door = lockFile("door");
        FileLock alone = door.lock()) {
      Objects.requireNonNull(use).channel().close();
      try (FileChannel others = lockFile("use")) {
        if (others.tryLock() != null && Files.deleteIfExists(ours())) {
          Path data = LAB.resolve(label());
          run("stop", data, port(data), LAB.resolve(label() + ".log"));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** There while one runs that tests started. */
  private Path ours() {
    return LAB.resolve(label() + ".ours");
  }

  /** Readable too, for a lock that is shared needs it. */
  private FileChannel lockFile(String what) throws IOException {
    return FileChannel.open(LAB.resolve(label() + "." + what), CREATE, READ, WRITE);
  }

  /** The port in its folder; Ceph's monitor takes the one 1000 above, so both are free. */
  private static String port(Path data) throws IOException {
    Path file = data.resolve("port");
    if (Files.notExists(file)) {
      Files.writeString(file, Integer.toString(Ports.free(1000)));
    }
    return Files.readString(file).strip();
  }

  private static String end(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
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

  private int run(String command, Path data, String port, Path log) throws IOException {
    String script = Path.of("src", "test", "lab", label() + ".sh").toString();
    ProcessBuilder builder = new ProcessBuilder(List.of("bash", script, command));
    builder.environment().put("LAB_DATA", data.toString());
    builder.environment().put("LAB_PORT", port);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
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
}
