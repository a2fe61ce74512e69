package dev.caravan.dgraph.proxy;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;

/** Two connections, each of which hears what is said on the other; nobody looks at it. */
final class Tunnel {

  private Tunnel() {}

  /**
   * Carries bytes both ways until one side ends.
   *
   * @param far was paused when it was made, so that nothing of it is lost
   * @param closed is told when the near one is closed; more than once does no harm
   */
  static void join(NetSocket near, NetSocket far, Runnable closed) {
    near.closeHandler(
        nothing -> {
          closed.run();
          far.close();
        });
    far.closeHandler(nothing -> near.close());
    near.exceptionHandler(fault -> far.close());
    far.exceptionHandler(fault -> near.close());
    near.pause();
    new Pump(near, far, 0, false).begin(far::end);
    new Pump(far, near, 0, false).begin(near::end);
  }

  /** Makes the client's connection a tunnel, see {@link #join}. */
  static void turn(HttpServerRequest request, NetSocket far, Runnable closed) {
    HttpConnection connection = request.connection();
    request
        .toNetSocket()
        .onSuccess(near -> join(near, far, closed))
        .onFailure(
            fault -> {
              far.close();
              connection.close();
              closed.run();
            });
  }

  /** Answers a CONNECT. */
  static void open(NetClient client, HttpServerRequest request, Place place, Runnable closed) {
    request.pause();
    client
        .connect(place.port(), place.host())
        .onSuccess(
            far -> {
              far.pause();
              turn(request, far, closed);
            })
        .onFailure(
            fault -> {
              request.response().putHeader("Connection", "close").setStatusCode(502);
              String reason = "Caravan: no connection to %s:%d%n";
              request.response().end(reason.formatted(place.host(), place.port()));
            });
  }
}
