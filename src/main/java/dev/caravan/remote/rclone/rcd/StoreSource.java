package dev.caravan.remote.rclone.rcd;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The contents that rclone may fetch from us, as a WebDAV server on loopback: so they pass through
 * the wrappers that measure and limit, and through the hashes that prove them, and no second copy
 * of a file is ever on our disk.
 *
 * <p>WebDAV, because it is the one protocol that rclone reads in which a time has nanoseconds.
 */
public final class StoreSource implements AutoCloseable {

  /**
   * As many remotes of rclone's lead here: on each, it waits ten milliseconds from one request to
   * the next, as it does with every WebDAV server, lest it be too much for it.
   */
  static final int LANES = 16;

  private static final String BEARER = "Bearer ";

  private final HttpServer server;
  private final ExecutorService threads;
  private final String token;
  private final Map<String, Offer> offers = new ConcurrentHashMap<>();
  private final AtomicLong next = new AtomicLong();

  private StoreSource(HttpServer server, ExecutorService threads, String token) {
    this.server = server;
    this.threads = threads;
    this.token = token;
  }

  /** Opens the door, of which nobody knows the token but who is told. */
  static StoreSource open(SecureRandom random) throws IOException {
    // Head and body are sent apart; without this, the body waits for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(loopback, 0);
    ExecutorService threads = threads();
    StoreSource source = new StoreSource(server, threads, HexFormat.of().formatHex(secret));
    server.setExecutor(threads);
    server.createContext("/", source::answer);
    server.start();
    return source;
  }

  /** As many as rclone fetches files at once, which {@code storage.transfers} bounds. */
  private static ExecutorService threads() {
    AtomicLong number = new AtomicLong();
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        30,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        work -> {
          Thread thread = new Thread(work, "rclone-source-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  String address() {
    InetSocketAddress address = server.getAddress();
    return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/";
  }

  String token() {
    return token;
  }

  /** The name of a lane in rclone's configuration. */
  static String nameOf(int lane) {
    return "caravan_source_" + lane;
  }

  /** Where rclone finds a content: the name of a remote, with its colon, and a path there. */
  public record Place(String remote, String path) {}

  /** Makes a content available. */
  public Place add(Offer offer) {
    long number = next.incrementAndGet();
    Place place = new Place(nameOf((int) (number % LANES)) + ":", Long.toString(number));
    offers.put(place.path(), offer);
    return place;
  }

  public void remove(Place place) {
    Offer offer = offers.remove(place.path());
    if (offer != null) {
      offer.withdraw();
    }
  }

  /** An exception breaks the connection, which is how rclone learns that there is no more. */
  private void answer(HttpExchange exchange) throws IOException {
    if (!isAllowed(exchange)) {
      refuse(exchange, 401);
      return;
    }
    String path = exchange.getRequestURI().getPath();
    Offer offer = offers.get(path.substring(1));
    if (offer == null) {
      refuse(exchange, 404);
      return;
    }
    exchange.getRequestBody().readAllBytes();
    switch (exchange.getRequestMethod()) {
      case "PROPFIND" -> describe(exchange, offer);
      case "GET" -> send(exchange, offer);
      default -> refuse(exchange, 405);
    }
  }

  private boolean isAllowed(HttpExchange exchange) {
    String sent = exchange.getRequestHeaders().getFirst("Authorization");
    String wanted = BEARER + token;
    return sent != null
        && MessageDigest.isEqual(
            sent.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }

  private static void refuse(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private static void describe(HttpExchange exchange, Offer offer) throws IOException {
    byte[] body =
        """
        <?xml version="1.0" encoding="utf-8"?>
        <d:multistatus xmlns:d="DAV:"><d:response><d:href>%s</d:href><d:propstat><d:prop>
        <d:resourcetype/><d:getcontentlength>%d</d:getcontentlength>
        <d:getlastmodified>%s</d:getlastmodified>
        </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>
        """
            .formatted(
                exchange.getRequestURI().getRawPath(),
                offer.content().sizeBytes(),
                offer.content().modifiedAt())
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(207, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** A file is hashed on its way, so nobody gets a part of it from the middle. */
  private static void send(HttpExchange exchange, Offer offer) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range != null && !range.startsWith("bytes=0-")) {
      refuse(exchange, 416);
      return;
    }
    long sizeBytes = offer.content().sizeBytes();
    if (sizeBytes == 0) {
      offer.ensureUnchanged();
    }
    exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
    exchange.sendResponseHeaders(200, sizeBytes == 0 ? -1 : sizeBytes);
    offer.send(exchange.getResponseBody());
    exchange.close();
  }

  @Override
  public void close() {
    offers.values().forEach(Offer::withdraw);
    server.stop(0);
    threads.shutdownNow();
  }
}
