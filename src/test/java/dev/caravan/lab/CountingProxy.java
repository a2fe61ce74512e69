package dev.caravan.lab;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a real server on loopback, counts requests and makes the network bad
 * on demand: it cuts, delays, throttles and lies, and counts how often it did. Else bytes pass
 * unchanged, so that signatures over the {@code Host} header stay valid; requests are read only as
 * far as it takes to see where the next one begins.
 */
public final class CountingProxy implements AutoCloseable {

  /** How the network behaves. */
  public enum Weather {
    FAIR,
    /** Connections are closed as soon as they are made; those that are open are cut. */
    REFUSE,
    /** Connections stay open, but nothing passes any more. */
    STALL,
    /** What the client sends passes; of the answers nothing does. */
    MUTE
  }

  /** What was done to what passes. */
  public enum Fault {
    /** All connections were cut at once, or one was refused. */
    CUT,
    /** A piece came later by the latency. */
    LATE,
    /** The pieces after one had to wait, for the limit's sake. */
    SLOW,
    /** A piece was kept until the weather changed. */
    HELD,
    /** A bit became another. */
    FLIPPED
  }

  /** One direction of all connections. */
  private static final class Way {
    final AtomicLong bytes = new AtomicLong();
    final Countdown cutAfter = new Countdown();
    final Countdown flipAfter = new Countdown();
  }

  /** Bytes until something happens once. */
  private static final class Countdown {
    private long left = Long.MAX_VALUE;

    synchronized void set(long bytes) {
      left = bytes;
    }

    /** Where in a piece of that many bytes it happens; -1 when it does not. */
    synchronized int pass(int n) {
      long at = left;
      if (at >= n) {
        left = at == Long.MAX_VALUE ? at : at - n;
        return -1;
      }
      left = Long.MAX_VALUE;
      return (int) at;
    }
  }

  private static final int REMEMBERED = 50_000;
  private static final int PIECE = 16 << 10;
  private static final int RECEIVED_AHEAD = 64 << 10;
  private static final long AHEAD_NANOS = 100_000_000;

  private final InetSocketAddress server;
  private final ServerSocket door;
  private final ExecutorService threads;
  private final Set<Closeable> clients = ConcurrentHashMap.newKeySet();
  private final Set<Closeable> upstreams = ConcurrentHashMap.newKeySet();
  private final Deque<String> requests = new ArrayDeque<>();
  private final AtomicLong total = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final Map<String, Long> bodies = new ConcurrentHashMap<>();
  private final Map<Fault, AtomicLong> injected = new EnumMap<>(Fault.class);
  private final Way up = new Way();
  private final Way down = new Way();
  private final boolean speaksHttp;
  private volatile long latencyNanos;
  private volatile long bytesPerSecond = Long.MAX_VALUE;
  private volatile Weather weather = Weather.FAIR;

  /** Forwards to the host and port of the address; listens on a free port of the loopback. */
  public CountingProxy(URI server) {
    this(server, true);
  }

  private CountingProxy(URI server, boolean speaksHttp) {
    this.server = new InetSocketAddress(server.getHost(), server.getPort());
    this.speaksHttp = speaksHttp;
    for (Fault fault : Fault.values()) {
      injected.put(fault, new AtomicLong());
    }
    this.threads =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "counting-proxy");
              thread.setDaemon(true);
              return thread;
            });
    try {
      this.door = new ServerSocket();
      // So that a client cannot send far ahead of what has passed.
      door.setReceiveBufferSize(RECEIVED_AHEAD);
      door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::serve);
  }

  /** Before a server of another protocol than HTTP; requests are not counted. */
  public static CountingProxy ofBytes(int port) {
    return new CountingProxy(URI.create("tcp://127.0.0.1:" + port), false);
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** Requests since the last {@link #reset}. */
  public long total() {
    return total.get();
  }

  /** Connections made since the last {@link #reset}. */
  public long connections() {
    return connections.get();
  }

  /** The last requests since the reset, each as {@code PUT /bucket/key?query}. */
  public List<String> requests() {
    synchronized (requests) {
      return new ArrayList<>(requests);
    }
  }

  /** How many of the last requests had this method. */
  public long requests(String method) {
    return requests().stream().filter(request -> request.startsWith(method + " ")).count();
  }

  /** How many bytes the bodies of requests with that in their path had, since the reset. */
  public long bodyBytes(String partOfPath) {
    return bodies.entrySet().stream()
        .filter(each -> each.getKey().contains(partOfPath))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  public void reset() {
    synchronized (requests) {
      requests.clear();
    }
    bodies.clear();
    total.set(0);
    connections.set(0);
  }

  public void weather(Weather wanted) {
    weather = wanted;
    if (wanted == Weather.REFUSE) {
      cutAll();
    }
  }

  /** Cuts all connections once that many more bytes have gone to the server. */
  public void cutAfter(long bytes) {
    up.cutAfter.set(bytes);
  }

  /** Cuts all connections once that many more bytes have come from the server. */
  public void cutAnswersAfter(long bytes) {
    down.cutAfter.set(bytes);
  }

  /** Changes a bit of the byte that goes to the server after that many. */
  public void flipAfter(long bytes) {
    up.flipAfter.set(bytes);
  }

  /** Changes a bit of the byte that comes from the server after that many. */
  public void flipAnswersAfter(long bytes) {
    down.flipAfter.set(bytes);
  }

  /** Makes everything late, in both directions: each piece waits so long before it goes on. */
  public void latency(Duration each) {
    latencyNanos = each.toNanos();
  }

  /** How often that was really done. */
  public long injected(Fault fault) {
    return Objects.requireNonNull(injected.get(fault)).get();
  }

  /** Bytes that came from clients so far. */
  public long bytesUp() {
    return up.bytes.get();
  }

  /** Bytes that came from the server so far. */
  public long bytesDown() {
    return down.bytes.get();
  }

  /** Limits each direction of each connection. */
  public void throttle(long limitBytesPerSecond) {
    bytesPerSecond = limitBytesPerSecond;
  }

  @Override
  public void close() {
    closeQuietly(door);
    closeAll();
    threads.shutdownNow();
  }

  private void serve() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        connections.incrementAndGet();
        if (weather == Weather.REFUSE) {
          did(Fault.CUT);
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
    clients.add(client);
    Socket upstream = new Socket();
    upstreams.add(upstream);
    try {
      upstream.connect(server, 5_000);
    } catch (IOException e) {
      part(client, upstream);
      throw e;
    }
    client.setTcpNoDelay(true);
    upstream.setTcpNoDelay(true);
    RequestCounter counter = speaksHttp ? new RequestCounter(this::count, this::countBody) : null;
    threads.execute(() -> pump(client, upstream, up, counter));
    threads.execute(() -> pump(upstream, client, down, null));
  }

  private void pump(Socket from, Socket to, Way way, @Nullable RequestCounter counter) {
    byte[] buffer = new byte[PIECE];
    long allowedAt = System.nanoTime();
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        way.bytes.addAndGet(n);
        awaitBetterWeather(from, way);
        if (counter != null) {
          counter.accept(buffer, n);
        }
        if (latencyNanos > 0) {
          pause(latencyNanos);
          did(Fault.LATE);
        }
        if (way.cutAfter.pass(n) >= 0) {
          cutAll();
        }
        int flipped = way.flipAfter.pass(n);
        if (flipped >= 0) {
          buffer[flipped] ^= 1;
          did(Fault.FLIPPED);
        }
        to.getOutputStream().write(buffer, 0, n);
        if (bytesPerSecond < Long.MAX_VALUE) {
          // From when it was due, so that a busy machine makes it no slower than was asked for.
          long now = System.nanoTime();
          allowedAt = Math.max(allowedAt, now - AHEAD_NANOS) + n * 1_000_000_000L / bytesPerSecond;
          if (allowedAt - now > 0) {
            pause(allowedAt - now);
            did(Fault.SLOW);
          }
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

  private void awaitBetterWeather(Socket from, Way way) {
    boolean held = false;
    while ((weather == Weather.STALL || (weather == Weather.MUTE && way == down))
        && !from.isClosed()) {
      if (!held) {
        did(Fault.HELD);
        held = true;
      }
      pause(20_000_000);
    }
  }

  private void did(Fault fault) {
    Objects.requireNonNull(injected.get(fault)).incrementAndGet();
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

  private void countBody(String request, long bytes) {
    bodies.merge(request, bytes, Long::sum);
  }

  private void cutAll() {
    did(Fault.CUT);
    closeAll();
  }

  /**
   * The clients first: what a server has to say about a line that was cut must not arrive. A client
   * may be back before the last is closed, which is none of those that are cut.
   */
  private void closeAll() {
    List<Closeable> open = new ArrayList<>(clients);
    open.addAll(upstreams);
    for (Closeable each : open) {
      closeQuietly(each);
      clients.remove(each);
      upstreams.remove(each);
    }
  }

  private void part(Socket one, Socket other) {
    closeQuietly(one);
    closeQuietly(other);
    for (Set<Closeable> side : List.of(clients, upstreams)) {
      side.remove(one);
      side.remove(other);
    }
  }

  private static void closeQuietly(Closeable thing) {
    try {
      thing.close();
    } catch (IOException e) {
      // It is closed for our purposes.
    }
  }
}
