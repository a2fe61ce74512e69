package dev.caravan.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An S3 server for very many small objects, which a real one takes too long for: it knows what a
 * backup needs, and of integrity only that a body is what the request was signed over.
 */
public final class MemoryS3 implements AutoCloseable {

  private static final String BUCKET = "/bucket/";
  private static final int PAGE = 1_000;

  static {
    // Else each answer with a body waits 40 ms for the client to confirm its header.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final NavigableMap<String, Held> objects = new ConcurrentSkipListMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(16);
  private final AtomicLong puts = new AtomicLong();
  private final AtomicLong copies = new AtomicLong();
  private final AtomicLong fileBytes = new AtomicLong();
  private final AtomicLong expired = new AtomicLong();
  private volatile Optional<String> session = Optional.empty();
  private volatile Renewal renewal = new Renewal(-1, "");
  private final HttpServer server;

  /** From which object on which session token is known. */
  private record Renewal(long puts, String token) {}

  private record Held(byte[] bytes, String etag, Map<String, String> meta) {}

  /** Starts it. */
  public MemoryS3() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Its one bucket. */
  public S3Bucket bucket() {
    return S3Bucket.at("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Objects that were sent so far. */
  public long puts() {
    return puts.get();
  }

  /** Objects that were copied here so far. */
  public long copies() {
    return copies.get();
  }

  /** Bytes that were sent so far, but for objects of Caravan's own. */
  public long fileBytes() {
    return fileBytes.get();
  }

  /** What an object holds. */
  public Optional<byte[]> content(String key) {
    return Optional.ofNullable(objects.get(key)).map(Held::bytes);
  }

  /** The same as {@link #knowOnly} once that many more objects have been taken. */
  public void knowOnlyAfter(int morePuts, String sessionToken) {
    renewal = new Renewal(puts.get() + morePuts, sessionToken);
  }

  /** From now on whoever comes with another session token is told that it has expired. */
  public void knowOnly(String sessionToken) {
    session = Optional.of(sessionToken);
  }

  /** How often somebody was told so. */
  public long expired() {
    return expired.get();
  }

  private boolean isExpired(HttpExchange exchange) {
    String shown = exchange.getRequestHeaders().getFirst("x-amz-security-token");
    return session.filter(known -> !known.equals(shown)).isPresent();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (isExpired(exchange)) {
        exchange.getRequestBody().readAllBytes();
        expired.incrementAndGet();
        error(exchange, 400, "ExpiredToken");
        return;
      }
      String path = exchange.getRequestURI().getPath();
      String key = path.startsWith(BUCKET) ? path.substring(BUCKET.length()) : "";
      Map<String, String> query = query(exchange);
      switch (exchange.getRequestMethod()) {
        case "PUT" -> put(exchange, key);
        case "DELETE" -> {
          objects.remove(key);
          send(exchange, 204, new byte[0]);
        }
        case "POST" -> {
          String asked = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          for (String each : asked.split("<Key>")) {
            objects.remove(each.replaceFirst("</Key>.*", ""));
          }
          send(exchange, 200, "<DeleteResult></DeleteResult>".getBytes(UTF_8));
        }
        default -> {
          if (key.isEmpty() && query.containsKey("uploads")) {
            send(exchange, 200, "<ListMultipartUploadsResult/>".getBytes(UTF_8));
          } else if (key.isEmpty()) {
            send(exchange, 200, list(query).getBytes(UTF_8));
          } else {
            get(exchange, key);
          }
        }
      }
    }
  }

  private void put(HttpExchange exchange, String key) throws IOException {
    Headers headers = exchange.getRequestHeaders();
    byte[] body = exchange.getRequestBody().readAllBytes();
    String from = headers.getFirst("x-amz-copy-source");
    if (from != null) {
      copy(exchange, URLDecoder.decode(from.replace("+", "%2B"), UTF_8), key);
      return;
    }
    if (!hash("SHA-256", body).equals(headers.getFirst("x-amz-content-sha256"))) {
      error(exchange, 400, "XAmzContentSHA256Mismatch");
      return;
    }
    Held held = new Held(body, hash("MD5", body), meta(headers));
    boolean isNew = "*".equals(headers.getFirst("If-None-Match"));
    if (isNew && objects.putIfAbsent(key, held) != null) {
      error(exchange, 412, "PreconditionFailed");
      return;
    }
    objects.put(key, held);
    if (!key.startsWith(".caravan/")) {
      fileBytes.addAndGet(body.length);
    }
    if (puts.incrementAndGet() == renewal.puts()) {
      knowOnly(renewal.token());
    }
    describe(exchange, held);
    send(exchange, 200, new byte[0]);
  }

  private static Map<String, String> meta(Headers headers) {
    Map<String, String> meta = new TreeMap<>();
    headers.forEach(
        (name, values) -> {
          if (name.toLowerCase(Locale.ROOT).startsWith("x-amz-meta-")) {
            meta.put(name, values.get(0).intern());
          }
        });
    return meta;
  }

  private void copy(HttpExchange exchange, String from, String key) throws IOException {
    String source = from.replaceFirst("^/?bucket/", "");
    Held held = objects.get(source);
    if (held == null) {
      error(exchange, 404, "NoSuchKey");
      return;
    }
    Headers headers = exchange.getRequestHeaders();
    String wanted = headers.getFirst("x-amz-copy-source-if-match");
    if (wanted != null && !wanted.replace("\"", "").equals(held.etag())) {
      error(exchange, 412, "PreconditionFailed");
      return;
    }
    boolean anew = "REPLACE".equals(headers.getFirst("x-amz-metadata-directive"));
    objects.put(key, anew ? new Held(held.bytes(), held.etag(), meta(headers)) : held);
    copies.incrementAndGet();
    String said =
        "<CopyObjectResult><ETag>\"%s\"</ETag><LastModified>2026-11-21T03:28:00Z</LastModified>"
                .formatted(held.etag())
            + "</CopyObjectResult>";
    send(exchange, 200, said.getBytes(UTF_8));
  }

  private void get(HttpExchange exchange, String key) throws IOException {
    Held held = objects.get(key);
    if (held == null) {
      error(exchange, 404, "NoSuchKey");
      return;
    }
    describe(exchange, held);
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, held.bytes());
      return;
    }
    String[] ends = range.replaceFirst("bytes=", "").split("-", 2);
    int first = Integer.parseInt(ends[0]);
    int last = held.bytes().length - 1;
    last = ends[1].isEmpty() ? last : Math.min(last, Integer.parseInt(ends[1]));
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes %d-%d/%d".formatted(first, last, held.bytes().length));
    send(exchange, 206, Arrays.copyOfRange(held.bytes(), first, last + 1));
  }

  private static void describe(HttpExchange exchange, Held held) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("ETag", '"' + held.etag() + '"');
    headers.set("Last-Modified", "Sat, 21 Nov 2026 03:28:00 GMT");
    held.meta().forEach(headers::set);
  }

  /** In the order of bytes: keys are plain here. */
  private String list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    String after = query.getOrDefault("continuation-token", query.getOrDefault("start-after", ""));
    int most = Integer.parseInt(query.getOrDefault("max-keys", Integer.toString(PAGE)));
    StringBuilder contents = new StringBuilder();
    SortedSet<String> folders = new TreeSet<>();
    String last = after;
    int count = 0;
    String at = after.compareTo(prefix) > 0 ? objects.higherKey(after) : objects.ceilingKey(prefix);
    while (at != null && at.startsWith(prefix) && count < most) {
      int cut = delimiter.isEmpty() ? -1 : at.indexOf(delimiter, prefix.length());
      last = at;
      if (cut >= 0) {
        String folder = at.substring(0, cut + 1);
        folders.add(folder);
        last = folder + Character.MAX_VALUE;
      } else {
        entry(contents, at, objects.get(at));
      }
      count++;
      at = objects.higherKey(last);
    }
    boolean more = at != null && at.startsWith(prefix);
    StringBuilder xml = new StringBuilder("<ListBucketResult><EncodingType>url</EncodingType>");
    xml.append("<IsTruncated>").append(more).append("</IsTruncated>");
    if (more) {
      xml.append("<NextContinuationToken>")
          .append(encoded(last))
          .append("</NextContinuationToken>");
    }
    folders.forEach(
        each ->
            xml.append("<CommonPrefixes><Prefix>")
                .append(encoded(each))
                .append("</Prefix></CommonPrefixes>"));
    return xml.append(contents).append("</ListBucketResult>").toString();
  }

  private static void entry(StringBuilder xml, String key, Held held) {
    if (held != null) {
      xml.append("<Contents><Key>").append(encoded(key)).append("</Key>");
      xml.append("<LastModified>2026-11-21T03:28:00.000Z</LastModified><ETag>&quot;");
      xml.append(held.etag()).append("&quot;</ETag><Size>").append(held.bytes().length);
      xml.append("</Size></Contents>");
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20").replace("%2F", "/");
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new TreeMap<>();
    for (String each :
        Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "").split("&")) {
      String[] parts = each.split("=", 2);
      query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8));
    }
    return query;
  }

  private static void error(HttpExchange exchange, int status, String code) throws IOException {
    String xml = "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, code);
    send(exchange, status, xml.getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
