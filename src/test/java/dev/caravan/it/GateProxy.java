package dev.caravan.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * Stands before an S3 server, notes the requests and passes them, but for those that a test wants
 * to be held: they never reach the server, or their answers never reach the client. So a client can
 * be killed at exactly one request.
 */
final class GateProxy implements AutoCloseable {

  /** Which side of the server a request is held on. */
  enum Side {
    BEFORE,
    AFTER
  }

  private final ServerSocket door;
  private final int server;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "gate-proxy");
            thread.setDaemon(true);
            return thread;
          });
  private Optional<Hold> hold = Optional.empty();

  /** What is held from the n-th that fits on, until the gate is opened. */
  final class Hold {
    private final Side side;
    private final Predicate<String> fits;
    private final CountDownLatch reached;
    private int pass;

    private Hold(Side side, int pass, int wanted, Predicate<String> fits) {
      this.side = side;
      this.pass = pass;
      this.reached = new CountDownLatch(wanted);
      this.fits = fits;
    }

    /** Waits until as many as wanted are held; false when that does not happen. */
    boolean await(long millis) throws InterruptedException {
      return reached.await(millis, TimeUnit.MILLISECONDS);
    }
  }

  /** Before the server of that port on loopback; listens on a free one. */
  GateProxy(int server) throws IOException {
    this.server = server;
    this.door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    threads.execute(this::serve);
  }

  int port() {
    return door.getLocalPort();
  }

  /** The heads of all requests so far, whether they were held or not. */
  List<String> seen() {
    return List.copyOf(seen);
  }

  /** The first line of a head. */
  static String line(String head) {
    return head.substring(0, Math.max(0, head.indexOf('\r')));
  }

  /**
   * Holds requests whose first line fits.
   *
   * @param pass so many of them pass before
   * @param wanted so many are waited for by {@link Hold#await}
   */
  synchronized Hold hold(Side side, int pass, int wanted, Predicate<String> fits) {
    Hold made = new Hold(side, pass, wanted, fits);
    hold = Optional.of(made);
    return made;
  }

  /** What comes from now on passes; what is held stays so. */
  synchronized void open() {
    hold = Optional.empty();
  }

  private synchronized Optional<Hold> held(String line) {
    if (hold.isEmpty() || !hold.get().fits.test(line) || hold.get().pass-- > 0) {
      return Optional.empty();
    }
    return hold;
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
    AtomicBoolean mute = new AtomicBoolean();
    CountDownLatch answered = new CountDownLatch(1);
    try (near;
        Socket far = new Socket(InetAddress.getLoopbackAddress(), server)) {
      far.setTcpNoDelay(true);
      threads.execute(() -> answer(far, near, mute, answered));
      InputStream in = near.getInputStream();
      for (byte[] head = HttpWire.head(in); head.length > 0; head = HttpWire.head(in)) {
        String text = new String(head, ISO_8859_1);
        seen.add(text);
        Optional<Hold> stop = held(line(text));
        if (stop.isPresent() && stop.get().side == Side.BEFORE) {
          stop.get().reached.countDown();
          in.transferTo(OutputStream.nullOutputStream());
          return;
        }
        mute.set(stop.isPresent() && !text.toLowerCase(Locale.ROOT).contains("100-continue"));
        far.getOutputStream().write(head);
        HttpWire.copy(in, far.getOutputStream(), HttpWire.length(text));
        if (stop.isPresent()) {
          mute.set(true);
          answered.await(2, TimeUnit.SECONDS);
          stop.get().reached.countDown();
          in.transferTo(OutputStream.nullOutputStream());
          return;
        }
      }
    } catch (IOException e) {
      // Either side has gone: so has the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(Socket far, Socket near, AtomicBoolean mute, CountDownLatch answered) {
    byte[] buffer = new byte[16 << 10];
    try (near) {
      InputStream in = far.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (mute.get()) {
          answered.countDown();
        } else {
          near.getOutputStream().write(buffer, 0, n);
        }
      }
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
