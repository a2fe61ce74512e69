package dev.caravan.dgraph.proxy;

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
   */
  static void join(NetSocket near, NetSocket far) {
    near.closeHandler(nothing -> far.close());
    far.closeHandler(nothing -> near.close());
    near.exceptionHandler(fault -> far.close());
    far.exceptionHandler(fault -> near.close());
    near.pause();
    new Pump(near, far, 0, false).begin(far::end);
    new Pump(far, near, 0, false).begin(near::end);
  }

  /** Answers a CONNECT. */
  static void open(NetClient client, HttpServerRequest request, Place place) {
    request.pause();
    client
        .connect(place.port(), place.host())
        .onSuccess(
            far -> {
              far.pause();
              request
                  .toNetSocket()
                  .onSuccess(near -> join(near, far))
                  .onFailure(fault -> far.close());
            })
        .onFailure(
            fault -> {
              request.response().putHeader("Connection", "close").setStatusCode(502);
              String reason = "Caravan: no connection to %s:%d%n";
              request.response().end(reason.formatted(place.host(), place.port()));
            });
  }
}
