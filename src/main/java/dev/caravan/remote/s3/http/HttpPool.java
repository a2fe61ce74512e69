package dev.caravan.remote.s3.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Connections to one server, kept open between requests. Certificates are checked against Java's
 * trust store and the server's name. Nothing is retried, no redirect is followed, no proxy is used.
 */
public final class HttpPool implements AutoCloseable {

  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration FREE_WITHIN = Duration.ofSeconds(60);

  /** A server may have closed what rested for longer, so that is looked at first. */
  private static final Duration TRUSTED = Duration.ofSeconds(1);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final boolean tls;
  private final String host;
  private final int port;
  private final Duration idle;
  private final Semaphore places;
  private final Deque<HttpConnection> resting = new ConcurrentLinkedDeque<>();
  private final Set<HttpConnection> all = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isWatched = new AtomicBoolean();
  private final ScheduledExecutorService watch;
  private volatile boolean closed;

  /**
   * @param scheme {@code http} or {@code https}
   * @param most connections at the same time
   * @param idle after which a connection that nobody needs is closed
   */
  public HttpPool(String scheme, String host, int port, int most, Duration idle) {
    this.tls = scheme.equals("https");
    this.host = host;
    this.port = port;
    this.idle = idle;
    this.places = new Semaphore(most);
    this.watch =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "http-watch-" + host);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Sends a request and returns what was answered, whatever that is.
   *
   * @throws IOException when no connection could be had or it broke, or the body of the request
   *     could not be read
   */
  public HttpAnswer call(HttpCall call) throws IOException {
    HttpConnection connection = lease();
    boolean answered = false;
    try {
      AnswerHead head = connection.exchange(call);
      boolean reusable = head.keepsOpen() && !connection.isCut();
      AnswerBody body =
          new AnswerBody(
              connection.in(),
              head.bodyBytes(call.method()),
              good -> giveBack(connection, good && reusable));
      answered = true;
      return new Answer(head, body);
    } finally {
      if (!answered) {
        giveBack(connection, false);
      }
    }
  }

  private HttpConnection lease() throws IOException {
    try {
      if (!places.tryAcquire(FREE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SocketTimeoutException("no connection became free in " + FREE_WITHIN.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a connection", e);
    }
    boolean leased = false;
    try {
      HttpConnection connection = open();
      leased = true;
      return connection;
    } finally {
      if (!leased) {
        places.release();
      }
    }
  }

  private HttpConnection open() throws IOException {
    if (closed) {
      throw new IOException("the connections were closed");
    }
    for (HttpConnection known = resting.poll(); known != null; known = resting.poll()) {
      if (known.hasRested(idle) || (known.hasRested(TRUSTED) && known.isStale())) {
        drop(known);
      } else {
        return known;
      }
    }
    HttpConnection fresh = connect();
    all.add(fresh);
    if (closed) {
      drop(fresh);
      throw new IOException("the connections were closed");
    }
    if (!isWatched.getAndSet(true)) {
      lookSoon();
    }
    return fresh;
  }

  private void lookSoon() {
    try {
      watch.schedule(this::look, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // It was closed.
    }
  }

  private HttpConnection connect() throws IOException {
    Socket raw = reach();
    boolean ready = false;
    try {
      raw.setTcpNoDelay(true);
      raw.setKeepAlive(true);
      HttpConnection made = new HttpConnection(raw, tls ? secure(raw) : raw);
      ready = true;
      return made;
    } finally {
      if (!ready) {
        raw.close();
      }
    }
  }

  /** Tries each of the host's addresses. */
  private Socket reach() throws IOException {
    Optional<IOException> failed = Optional.empty();
    for (InetAddress address : InetAddress.getAllByName(host)) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, port), (int) CONNECT.toMillis());
        return socket;
      } catch (IOException e) {
        socket.close();
        failed.ifPresent(e::addSuppressed);
        failed = Optional.of(e);
      }
    }
    throw failed.orElseThrow();
  }

  private Socket secure(Socket raw) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket socket = (SSLSocket) factory.createSocket(raw, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    raw.setSoTimeout((int) CONNECT.toMillis());
    socket.startHandshake();
    return socket;
  }

  private void giveBack(HttpConnection connection, boolean reusable) {
    if (reusable && !closed) {
      connection.rest();
      resting.push(connection);
    } else {
      drop(connection);
    }
    places.release();
    if (closed) {
      close();
    }
  }

  private void drop(HttpConnection connection) {
    all.remove(connection);
    connection.close();
  }

  /** Ends what makes no progress, and what nobody has needed for a while. */
  private void look() {
    all.forEach(HttpConnection::endIfStalled);
    for (HttpConnection last = resting.peekLast();
        last != null && last.hasRested(idle) && resting.removeLastOccurrence(last);
        last = resting.peekLast()) {
      drop(last);
    }
    if (all.isEmpty()) {
      isWatched.set(false);
      if (all.isEmpty() || isWatched.getAndSet(true)) {
        // Whoever connects next looks again.
        return;
      }
    }
    lookSoon();
  }

  /** Breaks off what is under way. */
  @Override
  public void close() {
    closed = true;
    watch.shutdownNow();
    resting.clear();
    all.forEach(this::drop);
  }

  private record Answer(AnswerHead head, AnswerBody stream) implements HttpAnswer {

    @Override
    public int status() {
      return head.status();
    }

    @Override
    public Optional<String> header(String name) {
      return head.header(name);
    }

    @Override
    public InputStream body() {
      return stream;
    }

    @Override
    public void abort() {
      stream.abort();
    }
  }
}
