package dev.caravan.control.door;

import dev.caravan.control.Doorman;
import dev.caravan.control.Problems;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over the connections: how many there are, how much is asked at once, and that none is
 * held by somebody who says nothing, or says it a byte at a time.
 */
final class Lines {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.http");
  private static final long NO_TIMER = -1;

  /** Streams of events are long, and bounded where they are made. */
  private static final String EVENTS = "/api/events";

  /**
   * What a client may make the server hold.
   *
   * @param connections beyond which a new one is closed at once
   * @param requests answered at the same time; beyond them the answer is 429
   * @param bodyBytes of bodies on their way in, together; beyond them the answer is 429
   * @param quiet how long a connection may stay open with no whole request on it
   * @param body how long a body may take to arrive
   * @param linger how long the rest of a refused body is read, so that the refusal can arrive
   */
  record Limits(
      int connections,
      int requests,
      long bodyBytes,
      Duration quiet,
      Duration body,
      Duration linger) {

    static final Limits USUAL =
        new Limits(
            2_000,
            1_500,
            16 << 20,
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1));
  }

  private final Vertx vertx;
  private final Limits limits;

  /** Each connection's timer, or {@value #NO_TIMER} while something is being answered on it. */
  private final Map<HttpConnection, Long> timers = new ConcurrentHashMap<>();

  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bodyBytes = new AtomicLong();
  private volatile boolean waning;

  Lines(Vertx vertx, Limits limits) {
    this.vertx = vertx;
    this.limits = limits;
  }

  void opened(HttpConnection line) {
    if (timers.size() >= limits.connections()) {
      LOG.debug("A connection from {} is one too many", line.remoteAddress());
      line.close();
      return;
    }
    timers.put(line, NO_TIMER);
    line.closeHandler(closed -> stop(timers.remove(line)));
    quiet(line);
  }

  private void quiet(HttpConnection line) {
    long timer = vertx.setTimer(limits.quiet().toMillis(), fired -> line.close());
    Long before = timers.replace(line, timer);
    stop(before == null ? Long.valueOf(timer) : before);
  }

  private void busy(HttpConnection line) {
    stop(timers.replace(line, NO_TIMER));
  }

  private void stop(@Nullable Long timer) {
    if (timer != null && timer != NO_TIMER) {
      vertx.cancelTimer(timer);
    }
  }

  /** Lets a request pass, or answers that there are too many. */
  void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    HttpConnection line = request.connection();
    busy(line);
    context.addEndHandler(ended -> answered(request));
    if (waning) {
      context.response().putHeader("Connection", "close");
      Problems.send(context.response(), 503, "Caravan is stopping");
      hangUp(request);
      return;
    }
    if (!claim(context)) {
      context.response().putHeader("Retry-After", "1");
      Problems.send(context.response(), 429, "Too much is asked at once; ask again in a second");
      return;
    }
    if (hasBody(request)) {
      expectBody(context);
    }
    context.next();
  }

  /** What was answered before it was read in full is read for a moment more, and then cut off. */
  private void answered(HttpServerRequest request) {
    quiet(request.connection());
    if (!request.isEnded()) {
      request.resume();
      vertx.setTimer(
          limits.linger().toMillis(),
          fired -> {
            if (!request.isEnded()) {
              request.connection().close();
            }
          });
    }
  }

  private boolean claim(RoutingContext context) {
    if (EVENTS.equals(context.normalizedPath())) {
      return true;
    }
    long size = hasBody(context.request()) ? announced(context.request()) : 0;
    int asked = requests.incrementAndGet();
    long coming = bodyBytes.addAndGet(size);
    context.addEndHandler(
        ended -> {
          requests.decrementAndGet();
          bodyBytes.addAndGet(-size);
        });
    return asked <= limits.requests() && coming <= limits.bodyBytes();
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    boolean sized = length != null && !length.equals("0");
    return sized || request.getHeader("Transfer-Encoding") != null;
  }

  /** How much room a body is given; one larger than the largest is refused, and needs none. */
  private static long announced(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return Math.min(
          Doorman.BODY_MAX_BYTES, Math.max(0, Long.parseLong(length == null ? "" : length)));
    } catch (NumberFormatException e) {
      return Doorman.BODY_MAX_BYTES;
    }
  }

  private void expectBody(RoutingContext context) {
    long timer = vertx.setTimer(limits.body().toMillis(), fired -> giveUp(context));
    context.addEndHandler(ended -> vertx.cancelTimer(timer));
  }

  private void giveUp(RoutingContext context) {
    if (!context.request().isEnded()) {
      context.response().putHeader("Connection", "close");
      Problems.send(context.response(), 408, "The body did not arrive in time");
      hangUp(context.request());
    }
  }

  /** Closes a connection once the answer had time to arrive. */
  void hangUp(HttpServerRequest request) {
    vertx.setTimer(limits.linger().toMillis(), fired -> request.connection().close());
  }

  void wane() {
    waning = true;
  }
}
