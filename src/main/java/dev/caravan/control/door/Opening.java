package dev.caravan.control.door;

import dev.caravan.config.HttpSettings;
import dev.caravan.control.Doorman;
import dev.caravan.control.Problems;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;

/**
 * Receives those who come while the routes are still being loaded: says that the process lives and
 * is not ready, and lets every other request wait until it can be answered as it should be.
 */
final class Opening {

  /** Beyond them the answer is 503. */
  static final int WAITING_MAX = 256;

  private static final String HEALTH = "/observe/health/";

  /** Written out: to load what writes JSON takes longer than all else that an answer needs. */
  private static final String STARTING =
      "{\"status\":\"DOWN\",\"reasons\":[\"Caravan is starting\"]}";

  /** A request, unread, and the thread that it belongs to. */
  private record Waiting(HttpServerRequest request, Context context) {}

  private final Vertx vertx;
  private final Router early;
  private final Handler<HttpServerRequest> routes;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private volatile boolean open;

  /**
   * @param instance names this process, in letters, digits and hyphens
   * @param routes answers once it is open
   */
  Opening(Vertx vertx, HttpSettings settings, String instance, Handler<HttpServerRequest> routes) {
    this.vertx = vertx;
    this.routes = routes;
    this.early = Router.router(vertx);
    new Doorman(settings).guard(early);
    String alive = "{\"status\":\"UP\",\"instance\":\"" + instance + "\"}";
    early.get(HEALTH + "live").handler(context -> answer(context, 200, alive));
    early.get(HEALTH + "ready").handler(context -> answer(context, 503, STARTING));
  }

  private static void answer(RoutingContext context, int status, String json) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(json);
  }

  void receive(HttpServerRequest request) {
    if (open) {
      routes.handle(request);
    } else if (Objects.requireNonNullElse(request.path(), "").startsWith(HEALTH)) {
      early.handle(request);
    } else {
      await(request);
    }
  }

  private void await(HttpServerRequest request) {
    boolean kept;
    synchronized (waiting) {
      kept = !open && waiting.size() < WAITING_MAX;
      if (kept) {
        request.pause();
        waiting.add(new Waiting(request, vertx.getOrCreateContext()));
      }
    }
    if (!kept && open) {
      routes.handle(request);
    } else if (!kept) {
      request.response().putHeader("Retry-After", "1");
      Problems.send(request.response(), 503, "Caravan is starting; ask again in a second");
    }
  }

  /** The routes are there: whoever waits is answered, in the order in which they came. */
  void open() {
    List<Waiting> all;
    synchronized (waiting) {
      open = true;
      all = List.copyOf(waiting);
      waiting.clear();
    }
    for (Waiting each : all) {
      each.context()
          .runOnContext(
              turn -> {
                routes.handle(each.request());
                each.request().resume();
              });
    }
  }
}
