package dev.caravan.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A program of the distribution that serves HTTP on loopback, for as long as a test wants it. */
final class Served implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final Process process;
  private final URI address;

  private Served(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * @param ready a path that answers 200 once it serves
   */
  static Served start(Path log, int port, String ready, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(log.toAbsolutePath().getParent().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Served served = new Served(process, URI.create("http://127.0.0.1:" + port));
    Awaitility.await(command.get(0))
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> ended(process, log))
        .until(() -> served.isReady(ready));
    return served;
  }

  private static void ended(Process process, Path log) throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException("It ended: " + Files.readString(log));
    }
  }

  private boolean isReady(String path) {
    try {
      return get(path).statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  URI at(String path) {
    return address.resolve(path);
  }

  HttpResponse<String> get(String path) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(at(path)).timeout(Duration.ofSeconds(20)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
