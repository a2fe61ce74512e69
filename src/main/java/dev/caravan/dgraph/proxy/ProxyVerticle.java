package dev.caravan.dgraph.proxy;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One event loop's share of the proxy. */
final class ProxyVerticle extends AbstractVerticle {

  private static final int HEADERS_MAX_BYTES = 128 << 10;
  private static final int LINE_MAX_BYTES = 1 << 20;
  private static final int POOL = 2_048;
  private static final int WAITING_MAX = 8_192;
  private static final int CONNECT_MILLIS = 10_000;

  private final Wiring wiring;
  private final AtomicInteger connections;
  private final Map<HttpConnection, Optional<RequestTrailers>> open = new ConcurrentHashMap<>();
  private Optional<Passage.Tools> tools = Optional.empty();
  private Optional<NetClient> tunnels = Optional.empty();

  /**
   * What the proxy is to do.
   *
   * @param connectionsMax of all event loops together; who comes later is turned away at once
   */
  record Wiring(
      String host,
      AtomicInteger port,
      URI upstream,
      List<String> allowed,
      AdminWatch watch,
      int inspectMax,
      int connectionsMax,
      Clock clock) {}

  ProxyVerticle(Wiring wiring, AtomicInteger connections) {
    this.wiring = wiring;
    this.connections = connections;
  }

  @Override
  public void start(Promise<Void> started) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setKeepAlive(true)
            .setKeepAliveTimeout(30)
            .setMaxPoolSize(POOL)
            .setMaxWaitQueueSize(WAITING_MAX)
            .setConnectTimeout(CONNECT_MILLIS)
            .setMaxHeaderSize(HEADERS_MAX_BYTES)
            .setMaxInitialLineLength(LINE_MAX_BYTES)
            .setDecompressionSupported(false)
            .setTcpKeepAlive(true);
    tools =
        Optional.of(
            new Passage.Tools(
                vertx,
                vertx.createHttpClient(options),
                wiring.watch(),
                wiring.inspectMax(),
                wiring.clock()));
    tunnels =
        Optional.of(
            vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_MILLIS)));
    vertx
        .createHttpServer(
            new HttpServerOptions()
                .setMaxHeaderSize(HEADERS_MAX_BYTES)
                .setMaxInitialLineLength(LINE_MAX_BYTES)
                .setHttp2ClearTextEnabled(false)
                .setTcpKeepAlive(true)
                .setAcceptBacklog(1_024))
        .connectionHandler(this::opened)
        .requestHandler(this::pass)
        .listen(wiring.port().get(), wiring.host())
        .<Void>mapEmpty()
        .onComplete(started);
  }

  private void opened(HttpConnection connection) {
    open.put(connection, RequestTrailers.of(connection));
    connection.closeHandler(nothing -> closed(connection));
    if (connections.incrementAndGet() > wiring.connectionsMax()) {
      connection.close();
    }
  }

  /** Called by its tunnel where it became one, for then nobody else hears of its end. */
  private void closed(HttpConnection connection) {
    if (open.remove(connection) != null) {
      connections.decrementAndGet();
    }
  }

  private void pass(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    Runnable closed = () -> closed(connection);
    RequestTrailers.Trailers trailers =
        open.getOrDefault(connection, Optional.empty())
            .map(RequestTrailers::next)
            .orElseGet(RequestTrailers.Trailers::new);
    Place upstream = Place.of(wiring.upstream(), request.uri());
    if (request.method().equals(HttpMethod.CONNECT)) {
      Optional<Place> place = Place.ofTunnel(request.uri());
      if (isAdmitted(request, upstream, place)) {
        Tunnel.open(tunnels.orElseThrow(), request, place.orElseThrow(), closed);
      }
      return;
    }
    if (!Place.isAbsolute(request.uri())) {
      Passage.Way way = new Passage.Way(upstream, true, trailers, closed);
      new Passage(tools.orElseThrow(), request, way).begin();
      return;
    }
    Optional<Place> place = Place.ofAbsolute(request.uri());
    if (isAdmitted(request, upstream, place)) {
      boolean isUpstream = allowed(upstream).isUpstream(place.orElseThrow());
      Passage.Way way = new Passage.Way(place.orElseThrow(), isUpstream, trailers, closed);
      new Passage(tools.orElseThrow(), request, way).begin();
    }
  }

  private Place.Allowed allowed(Place upstream) {
    return new Place.Allowed(upstream, wiring.allowed());
  }

  private boolean isAdmitted(HttpServerRequest request, Place upstream, Optional<Place> place) {
    boolean admitted = place.filter(allowed(upstream)::admits).isPresent();
    if (!admitted) {
      String where = place.map(p -> p.host() + ":" + p.port()).orElse("that address");
      request
          .response()
          .setStatusCode(place.isEmpty() ? 400 : 403)
          .putHeader("Content-Type", "text/plain; charset=utf-8")
          .putHeader("Connection", "close")
          .end("Caravan: not to %s; add it to dgraph.allowed_hosts%n".formatted(where));
    }
    return admitted;
  }
}
