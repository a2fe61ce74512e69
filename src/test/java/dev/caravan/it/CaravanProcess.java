package dev.caravan.it;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The built jar, running. */
final class CaravanProcess implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration HTTP_LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final int port;
  private final Path out;
  private final Path err;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private Optional<String> token = Optional.empty();

  CaravanProcess(Process process, int port, Path out, Path err) {
    this.process = process;
    this.port = port;
    this.out = out;
    this.err = err;
  }

  /** Sends this token with every request from now on. */
  CaravanProcess withToken(String secret) {
    token = Optional.of(secret);
    return this;
  }

  long pid() {
    return process.pid();
  }

  /** The most memory that it had at once, as the kernel counts it; 0 once it has ended. */
  long peakKib() {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits until everything is answered, which is later than the first 200; fails at once, with the
   * logs, when the process ends instead.
   */
  void awaitLive() {
    await("/observe/metrics", START_LIMIT, answer -> answer.status() == 200);
  }

  /** Waits until the answer to a GET pleases; fails with the last answer and the logs. */
  Answer await(String path, Duration limit, Predicate<Answer> pleases) {
    AtomicReference<Answer> last = new AtomicReference<>(new Answer(0, "", "no answer"));
    try {
      Awaitility.await(path)
          .atMost(limit)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(50))
          .failFast(
              "the process ended",
              () -> assertThat(process.isAlive()).as("alive%s", logs()).isTrue())
          .until(
              () -> {
                tryGet(path).ifPresent(last::set);
                return pleases.test(last.get());
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(path + ", last answer: " + last.get() + logs(), e);
    }
    return last.get();
  }

  /** Waits until something is so that is seen from outside, every few milliseconds. */
  void awaitThat(Duration limit, Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(limit)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .failFast(
            "the process ended", () -> assertThat(process.isAlive()).as("alive%s", logs()).isTrue())
        .until(condition);
  }

  /** The whole address of a path. */
  String at(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  Answer get(String path) {
    return send(request(path).GET().build());
  }

  Answer post(String path, String json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  /** Runs a whole sync and answers with its run. */
  Answer sync(String json) {
    return post("/api/storage/sync?wait=50", json);
  }

  /** SIGTERM; answers with the exit code. */
  int terminate(Duration limit) {
    process.destroy();
    return awaitEnd(limit);
  }

  /** SIGKILL, at once. */
  /**
   * Waits until the command carries out its run, or has ended: killing a JVM that still starts
   * proves nothing. The thread of a run has the name of its operation.
   */
  void awaitRun(String operation) {
    while (process.isAlive() && !threads().contains(operation)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private Set<String> threads() {
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + pid() + "/task"))) {
      for (Path task : tasks) {
        names.add(Files.readString(task.resolve("comm")).strip());
      }
    } catch (IOException | DirectoryIteratorException e) {
      // One of them ended meanwhile.
    }
    return names;
  }

  void kill9() {
    process.destroyForcibly();
    awaitEnd(Duration.ofSeconds(10));
  }

  int awaitEnd(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + limit + ": " + logs());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  String out() {
    return read(out);
  }

  String err() {
    return read(err);
  }

  String logs() {
    return "%n--- out%n%s%n--- err%n%s".formatted(out(), err());
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroyForcibly();
      awaitEnd(Duration.ofSeconds(10));
    }
  }

  private Optional<Answer> tryGet(String path) {
    try {
      return Optional.of(get(path));
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at(path))).timeout(HTTP_LIMIT);
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    return request;
  }

  private Answer send(HttpRequest request) {
    try {
      var response = http.send(request, ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      return new Answer(response.statusCode(), type, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
