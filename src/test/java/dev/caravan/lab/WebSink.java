package dev.caravan.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A web server that keeps what arrives, and answers as a test wants: well, badly, or never. */
public final class WebSink implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Got> got = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile int status = 200;
  private volatile Optional<String> location = Optional.empty();
  private volatile boolean hangs;
  private volatile boolean endless;

  /** A request that arrived, in full. */
  public record Got(String method, String path, String body, HttpExchange exchange) {

    public @Nullable String header(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }

    @Override
    public String toString() {
      return method + " " + path + " " + body;
    }
  }

  public WebSink() throws IOException {
    this(0);
  }

  public WebSink(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public URI at(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** Answers with this status from now on. */
  public void answers(int with) {
    status = with;
    hangs = false;
  }

  public void redirects(URI to) {
    status = 302;
    location = Optional.of(to.toString());
  }

  /** Takes requests, and answers none. */
  public void hangs() {
    hangs = true;
  }

  /** Answers without an end. */
  public void isEndless() {
    endless = true;
  }

  /** What arrived, in its order; also what was never answered. */
  public List<Got> got() {
    return got;
  }

  /** What arrived, one line each. */
  public List<String> lines() {
    return got.stream().map(each -> each.method() + " " + each.path()).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      got.add(
          new Got(
              exchange.getRequestMethod(), exchange.getRequestURI().toString(), body, exchange));
      if (hangs) {
        end.await();
        return;
      }
      location.ifPresent(to -> exchange.getResponseHeaders().add("Location", to));
      if (endless) {
        exchange.sendResponseHeaders(status, 0);
        while (end.getCount() > 0) {
          exchange.getResponseBody().write(new byte[8_192]);
        }
      } else {
        exchange.sendResponseHeaders(status, -1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
