package dev.caravan.dgraph.proxy;

import dev.caravan.dgraph.read.AdminExchange;
import dev.caravan.event.Causes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its way to a server, and the answer on its way back. Lives on one event loop. */
final class Passage {

  /** A client has its answer by then, whatever the catalog does. */
  private static final long HOLD_MILLIS = 3_000;

  private static final List<String> CREDENTIALS =
      List.of("X-Dgraph-AuthToken", "X-Dgraph-AccessToken", "X-Auth-Token", "Authorization");

  private static final Logger LOG = LoggerFactory.getLogger("caravan.dgraph");

  private final Tools tools;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Way way;
  private final Place place;
  private final Instant at;
  private Optional<Pump> asked = Optional.empty();
  private boolean answered;
  private boolean failed;
  private boolean passed;
  private boolean sent;

  /** What all passages of one event loop share. */
  record Tools(Vertx vertx, HttpClient client, AdminWatch watch, int inspectMax, Clock clock) {}

  /**
   * Where a request goes.
   *
   * @param isUpstream whether that is the Alpha whose exports are awaited
   * @param trailers what follows the request's body, once that has come
   * @param closed is to be told when the client's connection ends after it became a tunnel
   */
  record Way(Place place, boolean isUpstream, RequestTrailers.Trailers trailers, Runnable closed) {
    boolean isWatched() {
      return isUpstream && place.isAdmin();
    }
  }

  Passage(Tools tools, HttpServerRequest request, Way way) {
    this.tools = tools;
    this.request = request;
    this.response = request.response();
    this.way = way;
    this.place = way.place();
    this.at = tools.clock().instant();
  }

  /** Sends the request on; everything else follows from what comes back. */
  void begin() {
    request.pause();
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost(place.host())
            .setPort(place.port())
            .setSsl(place.tls())
            .setURI(place.uri());
    tools.client().request(options).onSuccess(this::connected).onFailure(this::unreachable);
  }

  private void connected(HttpClientRequest out) {
    if (response.closed()) {
      out.reset();
      return;
    }
    HopHeaders.copy(request.headers(), out.headers());
    if (Place.isAbsolute(request.uri())) {
      out.headers().set("Host", place.authority());
    }
    out.headers().add("Via", via() + " caravan");
    response.closeHandler(nothing -> clientLeft(out));
    request.exceptionHandler(fault -> clientLeft(out));
    out.exceptionHandler(this::broken);
    if (HopHeaders.isWebSocket(request.headers()) && request.method().equals(HttpMethod.GET)) {
      upgrade(out);
      return;
    }
    out.response().onSuccess(this::answer).onFailure(this::broken);
    if (HopHeaders.isChunked(request.headers())) {
      out.setChunked(true);
    } else if (!request.headers().contains("Content-Length")) {
      sent = true;
      out.end();
      request.resume();
      return;
    }
    String expect = request.getHeader("Expect");
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      out.continueHandler(
          nothing -> {
            response.writeContinue();
            pour(out);
          });
      out.sendHead();
    } else {
      pour(out);
    }
  }

  /** Whoever asks for an export and does not wait for the answer has asked for it all the same. */
  private void clientLeft(HttpClientRequest out) {
    if (!way.isWatched() || !sent) {
      out.reset();
    }
  }

  private String via() {
    return request.version() == HttpVersion.HTTP_1_0 ? "1.0" : "1.1";
  }

  private void pour(HttpClientRequest out) {
    Pump pump = new Pump(request, out, way.isWatched() ? tools.inspectMax() : 0, false);
    asked = Optional.of(pump);
    pump.begin(
        () -> {
          sent = true;
          if (HopHeaders.isChunked(request.headers())) {
            way.trailers().follow(out.connection());
          }
          out.end();
        });
  }

  private void answer(HttpClientResponse in) {
    answered = true;
    in.pause();
    head(in);
    in.exceptionHandler(fault -> cut());
    boolean looks = way.isWatched() && in.statusCode() == 200;
    Pump pump = new Pump(in, response, looks ? tools.inspectMax() : 0, looks);
    pump.begin(() -> last(in, pump, looks));
  }

  private void head(HttpClientResponse in) {
    response.setStatusCode(in.statusCode());
    response.setStatusMessage(in.statusMessage());
    HopHeaders.copy(in.headers(), response.headers());
    boolean bodiless =
        request.method().equals(HttpMethod.HEAD)
            || in.statusCode() == 204
            || in.statusCode() == 304;
    if (!bodiless && !in.headers().contains("Content-Length")) {
      response.setChunked(true);
    }
  }

  /** The whole answer has come; what it tells of is on record before the client has all of it. */
  private void last(HttpClientResponse in, Pump pump, boolean looks) {
    Optional<AdminExchange> seen =
        looks ? pump.copy().map(body -> exchange(in, body)) : Optional.empty();
    if (seen.isEmpty()) {
      finish(in, pump);
      return;
    }
    AtomicBoolean done = new AtomicBoolean();
    Runnable once =
        () -> {
          if (!done.getAndSet(true)) {
            finish(in, pump);
          }
        };
    long timer = tools.vertx().setTimer(HOLD_MILLIS, id -> once.run());
    Future<Boolean> told =
        tools
            .vertx()
            .executeBlocking(
                () -> {
                  tools.watch().answered(seen.get());
                  return true;
                },
                false);
    told.onComplete(
        result -> {
          tools.vertx().cancelTimer(timer);
          if (result.failed()) {
            LOG.error("An answer of /admin could not be looked at: {}", message(result.cause()));
          }
          once.run();
        });
  }

  private AdminExchange exchange(HttpClientResponse in, byte[] body) {
    Map<String, String> credentials = new LinkedHashMap<>();
    for (String name : CREDENTIALS) {
      Optional.ofNullable(request.getHeader(name)).ifPresent(v -> credentials.put(name, v));
    }
    Optional<byte[]> sent = asked.isEmpty() ? Optional.of(new byte[0]) : asked.get().copy();
    return new AdminExchange(
        place.query(),
        header(request.getHeader("Content-Type")),
        header(request.getHeader("Content-Encoding")),
        sent.orElse(new byte[0]),
        sent.isPresent(),
        in.statusCode(),
        header(in.getHeader("Content-Encoding")),
        body,
        credentials,
        at);
  }

  private static String header(@Nullable String value) {
    return value == null ? "" : value;
  }

  private void finish(HttpClientResponse in, Pump pump) {
    if (response.closed()) {
      return;
    }
    pump.held().ifPresent((Buffer piece) -> response.write(piece));
    if (response.isChunked()) {
      in.trailers().forEach(each -> response.trailers().add(each.getKey(), each.getValue()));
    }
    response.end();
  }

  /** What is spoken from now on is none of ours: both sides hear each other's bytes. */
  private void upgrade(HttpClientRequest out) {
    out.headers().set("Connection", "Upgrade");
    out.headers().set("Upgrade", request.getHeader("Upgrade"));
    out.connect()
        .onFailure(this::broken)
        .onSuccess(
            in -> {
              if (in.statusCode() != 101) {
                decline(out, in);
                return;
              }
              HopHeaders.copy(in.headers(), response.headers());
              response.headers().set("Connection", "Upgrade");
              response.headers().set("Upgrade", header(in.getHeader("Upgrade")));
              NetSocket far = in.netSocket();
              far.pause();
              Tunnel.turn(request, far, way.closed());
            });
  }

  /** The connection was never given back to the pool, and takes no other request. */
  private void decline(HttpClientRequest out, HttpClientResponse in) {
    in.end()
        .onComplete(
            ended -> {
              passed = ended.succeeded();
              out.connection().close();
            });
    request.resume();
    answer(in);
  }

  private void unreachable(Throwable fault) {
    fail(502, "no connection to " + place.host() + ":" + place.port(), fault);
  }

  private void broken(Throwable fault) {
    if (failed || passed) {
      return;
    }
    if (answered) {
      cut();
    } else if (!response.closed()) {
      fail(502, "no answer from " + place.host() + ":" + place.port(), fault);
    }
  }

  private void fail(int status, String what, Throwable fault) {
    answered = true;
    failed = true;
    LOG.warn("{} ({})", what, message(fault));
    if (response.closed() || response.ended() || response.headWritten()) {
      return;
    }
    response.headers().clear();
    response.putHeader("Connection", "close");
    response.putHeader("Content-Type", "text/plain; charset=utf-8");
    response.setStatusCode(status).setStatusMessage("Bad Gateway");
    response.setChunked(false);
    response
        .end("Caravan: %s (%s): is the Alpha running?%n".formatted(what, message(fault)))
        .onComplete(done -> tools.vertx().setTimer(100, id -> request.connection().close()));
  }

  /** Half an answer must not look like a whole one. */
  private void cut() {
    request.connection().close();
  }

  private static String message(Throwable fault) {
    return Causes.textOf(fault).replaceAll("\\s+", " ");
  }
}
