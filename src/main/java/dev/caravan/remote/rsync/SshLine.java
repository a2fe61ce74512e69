package dev.caravan.remote.rsync;

import dev.caravan.remote.KeptChild;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ssh that is logged in and lets others share its connection, so that each rsync need not log in
 * for itself. Where there is none, they do: so whatever goes wrong here shows there.
 */
final class SshLine implements AutoCloseable {

  /** A Unix socket's path is at most so long, less what ssh appends while it makes one. */
  private static final int LONGEST_SOCKET = 107 - 18;

  private static final Duration LOGIN_LIMIT = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final Map<String, String> environment;
  private @Nullable KeptChild child;

  SshLine(Map<String, String> environment) {
    this.environment = environment;
  }

  /** True when a connection can be shared by a socket of this path. */
  static boolean isPossibleAt(Path socket) {
    return socket.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET;
  }

  /**
   * Logs in unless that was done and holds.
   *
   * @param command an ssh that is to be shared, as long as it lives
   * @param socket that it makes when it is logged in
   */
  synchronized void open(List<String> command, Path socket) {
    if (child != null && child.isAlive() && Files.exists(socket)) {
      return;
    }
    close();
    try {
      Files.deleteIfExists(socket);
      KeptChild begun =
          KeptChild.start(RawArguments.of(command), environment, Redirect.DISCARD, GRACE);
      child = begun;
      Thread errors = new Thread(() -> drop(begun.errors()), "rsync-ssh-" + begun.pid());
      errors.setDaemon(true);
      errors.start();
      awaitSocket(begun, socket);
    } catch (IOException e) {
      // Then each rsync logs in for itself, and says why it cannot.
    }
  }

  @Override
  public synchronized void close() {
    if (child != null) {
      child.close();
    }
  }

  private static void awaitSocket(KeptChild begun, Path socket) {
    long since = System.nanoTime();
    try {
      while (!Files.exists(socket)
          && begun.await(LOOK).isEmpty()
          && System.nanoTime() - since < LOGIN_LIMIT.toNanos()) {
        // It logs in.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void drop(InputStream errors) {
    try (errors) {
      errors.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // It ended.
    }
  }
}
