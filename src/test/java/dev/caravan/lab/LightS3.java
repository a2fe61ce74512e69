package dev.caravan.lab;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes objects as an S3 server does, at a fraction of what a real one costs: for how often a
 * client asks with very many files, never for whether it is right. It checks nothing, lists nothing
 * and knows no multipart uploads.
 */
public final class LightS3 implements AutoCloseable {

  private record Stored(Buffer content, String etag, Map<String, String> metadata) {}

  private static final int REMEMBERED = 10_000;

  private static final String LIST =
      "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>";

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Map<String, Stored> objects = new ConcurrentHashMap<>();
  private final Deque<String> requests = new ConcurrentLinkedDeque<>();
  private final AtomicInteger remembered = new AtomicInteger();
  private final HttpServer server;

  public LightS3() throws Exception {
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(this::take)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
  }

  /** A bucket of it; there are no others. */
  public S3Bucket bucket() {
    return S3Bucket.at("http://127.0.0.1:" + server.actualPort());
  }

  /** The last ten thousand requests since the reset, each as {@code PUT /bucket/key?query}. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Forgets the requests so far. */
  public void reset() {
    requests.clear();
    remembered.set(0);
  }

  private void take(HttpServerRequest request) {
    requests.add(request.method() + " " + request.uri());
    if (remembered.incrementAndGet() > REMEMBERED) {
      requests.poll();
    }
    request.body().onSuccess(body -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    String key = URI.create(request.uri()).getPath().replaceFirst("^/[^/]+/?", "");
    HttpServerResponse response = request.response();
    if (key.isEmpty()) {
      response.putHeader("Content-Type", "application/xml").end(aboutTheBucket(request));
    } else if (request.method().equals(HttpMethod.PUT)) {
      put(request, key, body);
    } else if (request.method().equals(HttpMethod.DELETE)) {
      objects.remove(key);
      response.setStatusCode(204).end();
    } else {
      give(request, objects.get(key));
    }
  }

  private static String aboutTheBucket(HttpServerRequest request) {
    String query = request.query() == null ? "" : request.query();
    if (query.contains("versioning")) {
      return "<VersioningConfiguration/>";
    }
    if (query.contains("delete")) {
      return "<DeleteResult/>";
    }
    if (query.contains("uploads")) {
      return "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
          + "</ListMultipartUploadsResult>";
    }
    return query.contains("location") ? "<LocationConstraint/>" : LIST;
  }

  private void put(HttpServerRequest request, String key, Buffer body) {
    String source = request.getHeader("x-amz-copy-source");
    Map<String, String> metadata = metadata(request);
    Stored stored;
    if (source == null) {
      stored = new Stored(body, "\"" + md5(body) + "\"", metadata);
    } else {
      String path = URLDecoder.decode(source, StandardCharsets.UTF_8);
      Stored from = objects.get(path.replaceFirst("^/?[^/]+/", ""));
      if (from == null) {
        request.response().setStatusCode(404).end("<Error><Code>NoSuchKey</Code></Error>");
        return;
      }
      boolean replaces = "REPLACE".equals(request.getHeader("x-amz-metadata-directive"));
      stored = new Stored(from.content, from.etag, replaces ? metadata : from.metadata);
    }
    objects.put(key, stored);
    String copied = "<CopyObjectResult><ETag>" + stored.etag + "</ETag></CopyObjectResult>";
    request.response().putHeader("ETag", stored.etag).end(source == null ? "" : copied);
  }

  private static Map<String, String> metadata(HttpServerRequest request) {
    Map<String, String> metadata = new HashMap<>();
    request
        .headers()
        .forEach(
            (name, value) -> {
              if (name.toLowerCase(Locale.ROOT).startsWith("x-amz-meta-")) {
                metadata.put(name, value);
              }
            });
    return metadata;
  }

  private static void give(HttpServerRequest request, Stored stored) {
    HttpServerResponse response = request.response();
    if (stored == null) {
      response.setStatusCode(404).end("<Error><Code>NoSuchKey</Code></Error>");
      return;
    }
    stored.metadata.forEach(response::putHeader);
    response.putHeader("ETag", stored.etag);
    response.putHeader("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT");
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(stored.content.length())).end();
    } else {
      response.end(stored.content);
    }
  }

  private static String md5(Buffer body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body.getBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
