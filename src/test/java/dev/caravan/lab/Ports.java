package dev.caravan.lab;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are started a moment later. They lie below those that Linux gives to
 * outgoing connections (32768 and above): one of these may be taken by any client between the
 * moment it was found free and the moment the server binds it.
 */
public final class Ports {
  private static final int FIRST = 10_000;
  private static final int LAST = 31_000;

  private Ports() {}

  /** A port that nobody listens at. */
  public static int free() {
    return free(0);
  }

  /** A port that nobody listens at, nor at the one that lies {@code apart} above it. */
  static int free(int apart) {
    for (int attempt = 0; attempt < 500; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (isFree(port) && isFree(port + apart)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port between " + FIRST + " and " + LAST);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
