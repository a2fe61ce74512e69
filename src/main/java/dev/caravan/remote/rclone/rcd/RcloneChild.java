package dev.caravan.remote.rclone.rcd;

import dev.caravan.remote.KeptChild;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running {@code rclone rcd}, which listens on loopback at a port of its own choice and takes
 * commands from whoever knows its password.
 */
final class RcloneChild implements AutoCloseable {

  static final String USER = "caravan";

  /** From the end of its connections to the end of the child. */
  private static final Duration END_SHOWS = Duration.ofSeconds(1);

  private static final Pattern LISTENING = Pattern.compile("http://127\\.0\\.0\\.1:(\\d{1,5})/");

  private final KeptChild child;
  private final RcloneLimits limits;
  private final ChildWords words = new ChildWords();
  private final CompletableFuture<Integer> port = new CompletableFuture<>();

  private RcloneChild(KeptChild child, RcloneLimits limits) {
    this.child = child;
    this.limits = limits;
    Thread listener = new Thread(this::listen, "rclone-" + child.pid());
    listener.setDaemon(true);
    listener.start();
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @throws RemoteException with what it said when it does not
   */
  static RcloneChild start(RcloneCommand command, RcloneLimits limits, RcloneErrors errors)
      throws RemoteException {
    RcloneChild child;
    try {
      child =
          new RcloneChild(
              KeptChild.start(
                  command.arguments(), command.environment(), Redirect.DISCARD, limits.grace()),
              limits);
    } catch (IOException e) {
      throw errors.of(Cause.NOT_THERE, "rclone cannot be started: " + e.getMessage(), e);
    }
    child.awaitListening(errors);
    return child;
  }

  private void awaitListening(RcloneErrors errors) throws RemoteException {
    try {
      port.get(limits.start().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled", e);
    } catch (ExecutionException e) {
      kill();
      throw errors.of(Cause.NOT_THERE, "rclone ended at once: " + words.fault() + "; mend that", e);
    } catch (TimeoutException e) {
      kill();
      throw errors.of(
          Cause.SERVER, "rclone does not listen after " + limits.start() + ": " + words.fault(), e);
    }
  }

  /** Where it takes commands. */
  URI address() {
    return URI.create("http://127.0.0.1:" + port.join() + "/");
  }

  boolean isAlive() {
    return child.isAlive();
  }

  /** The line with which it gave up, if it did: a moment ago it may still have been running. */
  Optional<String> end() throws InterruptedException {
    return child.await(END_SHOWS).isPresent() ? words.end() : Optional.empty();
  }

  /** Ends it at once. */
  void kill() {
    child.kill();
  }

  /** Ends it gently, so that it can tidy up; in the end by force. */
  @Override
  public void close() {
    child.close();
  }

  /** Its standard error must be read to its end, or it would have to wait for us. */
  private void listen() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.errors(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        words.hear(line);
        Matcher listening = LISTENING.matcher(line);
        if (!port.isDone() && listening.find()) {
          port.complete(Integer.parseInt(listening.group(1)));
        }
      }
    } catch (IOException e) {
      // It ended, or was ended.
    } finally {
      port.completeExceptionally(new IOException("ended"));
    }
  }
}
