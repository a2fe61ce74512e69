package dev.caravan.it;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a real HTTP server on loopback, counts requests and makes the network
 * bad on demand. Bytes pass unchanged, so that signatures over the {@code Host} header stay valid;
 * requests are read only as far as it takes to see where the next one begins.
 */
final class CountingProxy implements AutoCloseable {

  /** How the network behaves. */
  enum Weather {
    FAIR,
    /** Connections are closed as soon as they are made; those that are open are cut. */
    REFUSE,
    /** Connections stay open, but nothing passes any more. */
    STALL
  }

  private static final int REMEMBERED = 10_000;

  private final InetSocketAddress server;
  private final ServerSocket door;
  private final ExecutorService threads;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private final Deque<String> requests = new ArrayDeque<>();
  private final AtomicLong total = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong cutAfter = new AtomicLong(Long.MAX_VALUE);
  private volatile long bytesPerSecond = Long.MAX_VALUE;
  private volatile Weather weather = Weather.FAIR;

  /** Forwards to the host and port of the address; listens on a free port of the loopback. */
  CountingProxy(URI server) {
    this.server = new InetSocketAddress(server.getHost(), server.getPort());
    this.threads =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "counting-proxy");
              thread.setDaemon(true);
              return thread;
            });
    try {
      this.door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::serve);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** Requests since the last {@link #reset}. */
  long total() {
    return total.get();
  }

  /** Connections made since the last {@link #reset}. */
  long connections() {
    return connections.get();
  }

  /** The last requests since the reset, each as {@code PUT /bucket/key?query}. */
  List<String> requests() {
    synchronized (requests) {
      return new ArrayList<>(requests);
    }
  }

  /** How many of the last requests had this method. */
  long requests(String method) {
    return requests().stream().filter(request -> request.startsWith(method + " ")).count();
  }

  void reset() {
    synchronized (requests) {
      requests.clear();
    }
    total.set(0);
    connections.set(0);
  }

  void weather(Weather wanted) {
    weather = wanted;
    if (wanted == Weather.REFUSE) {
      cutAll();
    }
  }

  /** Cuts all connections once that many more bytes have gone to the server. */
  void cutAfter(long bytes) {
    cutAfter.set(bytes);
  }

  /** Limits each direction of each connection. */
  void throttle(long limitBytesPerSecond) {
    bytesPerSecond = limitBytesPerSecond;
  }

  @Override
  public void close() {
    closeQuietly(door);
    cutAll();
    threads.shutdownNow();
  }

  private void serve() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        connections.incrementAndGet();
        if (weather == Weather.REFUSE) {
          client.close();
        } else {
          connect(client);
        }
      } catch (IOException e) {
        // The door was closed, or the client is gone already; the next accept tells which.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    open.add(client);
    Socket upstream = new Socket();
    open.add(upstream);
    try {
      upstream.connect(server, 5_000);
    } catch (IOException e) {
      part(client, upstream);
      throw e;
    }
    client.setTcpNoDelay(true);
    upstream.setTcpNoDelay(true);
    RequestCounter counter = new RequestCounter(this::count);
    threads.execute(() -> pump(client, upstream, counter));
    threads.execute(() -> pump(upstream, client, null));
  }

  private void pump(Socket from, Socket to, @Nullable RequestCounter counter) {
    byte[] buffer = new byte[16 << 10];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        while (weather == Weather.STALL && !from.isClosed()) {
          pause(20_000_000);
        }
        if (counter != null) {
          counter.accept(buffer, n);
          if (cutAfter.addAndGet(-n) < 0) {
            cutAfter.set(Long.MAX_VALUE);
            cutAll();
          }
        }
        to.getOutputStream().write(buffer, 0, n);
        if (bytesPerSecond < Long.MAX_VALUE) {
          pause(n * 1_000_000_000L / bytesPerSecond);
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      part(from, to);
    }
    if (from.isInputShutdown() || to.isInputShutdown() || from.isClosed()) {
      part(from, to);
    }
  }

  private static void pause(long nanos) {
    LockSupport.parkNanos(nanos);
  }

  private void count(String request) {
    total.incrementAndGet();
    synchronized (requests) {
      if (requests.size() == REMEMBERED) {
        requests.removeFirst();
      }
      requests.addLast(request);
    }
  }

  private void cutAll() {
    open.forEach(CountingProxy::closeQuietly);
    open.clear();
  }

  private void part(Socket one, Socket other) {
    closeQuietly(one);
    closeQuietly(other);
    open.remove(one);
    open.remove(other);
  }

  private static void closeQuietly(Closeable thing) {
    try {
      thing.close();
    } catch (IOException e) {
      // It is closed for our purposes.
    }
  }
}
