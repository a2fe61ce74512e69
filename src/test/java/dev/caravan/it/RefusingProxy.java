package dev.caravan.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands before an S3 server and answers a share of the requests itself: 503, slow down. All else
 * passes as it is. Counts both.
 */
final class RefusingProxy implements AutoCloseable {

  private static final String BODY =
      "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

  private final ServerSocket door;
  private final URI server;
  private final Random random;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "refusing-proxy");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong exposed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile double share;
  private volatile long refusesUntil;

  RefusingProxy(URI server, long seed) throws IOException {
    this.server = server;
    this.random = new Random(seed);
    this.door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    threads.execute(this::serve);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** From now on, and for that long, a share of the requests is refused. */
  void refuse(double wanted, Duration time) {
    refusesUntil = System.nanoTime() + time.toNanos();
    share = wanted;
  }

  long requests() {
    return requests.get();
  }

  /** Requests that came while a share of them was refused. */
  long exposed() {
    return exposed.get();
  }

  long refused() {
    return refused.get();
  }

  void reset() {
    requests.set(0);
    exposed.set(0);
    refused.set(0);
  }

  private void serve() {
    while (!door.isClosed()) {
      try {
        Socket near = door.accept();
        near.setTcpNoDelay(true);
        threads.execute(() -> pass(near));
      } catch (IOException e) {
        // The door was closed.
      }
    }
  }

  private void pass(Socket near) {
    try (near;
        Socket far = new Socket(server.getHost(), server.getPort())) {
      far.setTcpNoDelay(true);
      threads.execute(() -> answer(far, near));
      InputStream in = near.getInputStream();
      byte[] head = HttpWire.head(in);
      while (head.length > 0) {
        requests.incrementAndGet();
        String text = new String(head, ISO_8859_1).toLowerCase(Locale.ROOT);
        long length = HttpWire.length(text);
        if (isRefused()) {
          refused.incrementAndGet();
          boolean waits = text.contains("100-continue");
          if (!waits) {
            HttpWire.copy(in, OutputStream.nullOutputStream(), length);
          }
          near.getOutputStream().write(refusal(waits));
          if (waits) {
            return;
          }
        } else {
          far.getOutputStream().write(head);
          HttpWire.copy(in, far.getOutputStream(), length);
        }
        head = HttpWire.head(in);
      }
    } catch (IOException e) {
      // Either side has gone: so has the other.
    }
  }

  private synchronized boolean isRefused() {
    if (System.nanoTime() - refusesUntil >= 0) {
      return false;
    }
    exposed.incrementAndGet();
    return random.nextDouble() < share;
  }

  private static byte[] refusal(boolean closes) {
    return ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: "
            + BODY.length()
            + (closes ? "\r\nConnection: close" : "")
            + "\r\n\r\n"
            + BODY)
        .getBytes(ISO_8859_1);
  }

  private static void answer(Socket far, Socket near) {
    try (near) {
      far.getInputStream().transferTo(near.getOutputStream());
    } catch (IOException e) {
      // The client notices.
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    threads.shutdownNow();
  }
}
