package dev.caravan.remote.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.s3.wire.Digests;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server that says what a test wants, for answers that no healthy server gives. The one thing it
 * checks is that a body is what the request was signed over.
 */
final class ScriptedServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile Script script = exchange -> new Answer(404, Map.of(), "");

  /**
   * What is answered.
   *
   * @param promised the Content-Length that is sent; -1 for that of the body
   */
  record Answer(int status, Map<String, String> headers, String body, int promised) {
    Answer(int status, Map<String, String> headers, String body) {
      this(status, headers, body, -1);
    }
  }

  interface Script {
    Answer answer(HttpExchange exchange) throws IOException;
  }

  ScriptedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** The remote at it, with a journal of its own. */
  S3Remote remote() {
    return new S3Remote(
        S3Bucket.at(endpoint()).settings(), new RecordingJournal(), Clock.systemUTC());
  }

  static Answer error(int status, String code, String message) {
    return new Answer(status, Map.of(), errorXml(code, message));
  }

  static String errorXml(String code, String message) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
        + code
        + "</Code><Message>"
        + message
        + "</Message></Error>";
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void says(Script script) {
    this.script = script;
  }

  /** Method, path and query of what was asked so far. */
  List<String> asked() {
    return asked;
  }

  /** The {@code Authorization} of each request. */
  List<String> authorizations() {
    return authorizations;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      exchange.setStreams(new ByteArrayInputStream(sent), null);
      asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      String hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
      Answer answer =
          Digests.hex(Digests.sha256().digest(sent)).equals(hash)
              ? script.answer(exchange)
              : error(400, "XAmzContentSHA256Mismatch", "not what was signed");
      Headers headers = exchange.getResponseHeaders();
      answer.headers().forEach(headers::add);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      int length = answer.promised() >= 0 ? answer.promised() : body.length;
      exchange.sendResponseHeaders(answer.status(), head || length == 0 ? -1 : length);
      if (!head && length > 0) {
        OutputStream out = exchange.getResponseBody();
        out.write(body);
        out.flush();
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
