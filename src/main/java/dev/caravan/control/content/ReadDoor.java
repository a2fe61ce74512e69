package dev.caravan.control.content;

import dev.caravan.control.Problems;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;

/**
 * Hands {@code POST /api/read} to the route {@value #ROUTE} and answers when that has ended. A
 * route that begins at {@code platform-http:} holds a thread until then; here nobody does.
 */
public final class ReadDoor {

  private static final String PATH = "/api/read";
  private static final String ROUTE = "control.read";

  private final Supplier<CamelContext> camel;
  private Optional<ProducerTemplate> sender = Optional.empty();

  /**
   * @param camel where the route is, once requests come
   */
  public ReadDoor(Supplier<CamelContext> camel) {
    this.camel = camel;
  }

  /**
   * Puts the handler on a router that the doorman guards.
   *
   * @param body reads a request's body into memory
   */
  public void serve(Router router, Handler<RoutingContext> body) {
    router.post(PATH).handler(body).handler(this::answer);
  }

  private synchronized ProducerTemplate sender() {
    if (sender.isEmpty()) {
      sender = Optional.of(camel.get().createProducerTemplate());
    }
    return sender.get();
  }

  private void answer(RoutingContext request) {
    if (camel.get().getRoute(ROUTE) == null) {
      // A file of the user's from before there was such a route.
      request.next();
      return;
    }
    Context context = request.vertx().getOrCreateContext();
    sender()
        .asyncSend("direct:" + ROUTE + "?block=false", exchange(request))
        .whenComplete(
            (exchange, fault) ->
                context.runOnContext(
                    nothing -> {
                      if (fault != null || exchange.getException() != null) {
                        refuse(request.response());
                      } else {
                        send(request.response(), exchange.getMessage());
                      }
                    }));
  }

  /** Only what steps look at: no header of the request can be taken for one of ours. */
  private Exchange exchange(RoutingContext request) {
    Exchange exchange = DefaultExchange.newFromEndpoint(camel.get().getEndpoint("direct:" + ROUTE));
    Message message = exchange.getMessage();
    message.setHeader(
        Exchange.HTTP_RAW_QUERY, Optional.ofNullable(request.request().query()).orElse(""));
    Optional.ofNullable(request.request().getHeader("Content-Type"))
        .ifPresent(type -> message.setHeader(Exchange.CONTENT_TYPE, type));
    Optional.ofNullable(request.body().buffer()).map(Buffer::getBytes).ifPresent(message::setBody);
    return exchange;
  }

  private static void refuse(HttpServerResponse response) {
    if (!response.closed()) {
      response.putHeader("Retry-After", "5");
      Problems.send(response, 503, "The route " + ROUTE + " does not answer now");
    }
  }

  private static void send(HttpServerResponse response, Message answer) {
    if (response.closed()) {
      return;
    }
    int status = answer.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class);
    byte[] body = answer.getBody(byte[].class);
    Problems.harden(response);
    response.setStatusCode(status);
    response.putHeader(
        "Content-Type", answer.getHeader(Exchange.CONTENT_TYPE, "application/json", String.class));
    if (status == 429 || status == 503) {
      response.putHeader("Retry-After", status == 429 ? "1" : "5");
    }
    response.end(Buffer.buffer(body == null ? new byte[0] : body));
  }
}
