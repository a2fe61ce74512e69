package dev.caravan.dgraph.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/**
 * The trailers of the requests of one connection. Vert.x reads those of answers only, and drops
 * those of requests; here they are taken aside before it sees them, and put in front of the end of
 * the request that goes on. All on one event loop.
 */
final class RequestTrailers extends ChannelInboundHandlerAdapter {

  /** One for each request that was read and not taken up yet; more come only when it reads on. */
  private final Deque<Trailers> requests = new ArrayDeque<>();

  private Trailers last = new Trailers();

  /** Those of one request, which may come long after its head. */
  static final class Trailers {
    private HttpHeaders fields = new DefaultHttpHeaders(false);

    /** Has them follow a chunked request whose end comes next. */
    void follow(HttpConnection to) {
      if (!fields.isEmpty() && to instanceof ConnectionBase connection) {
        ChannelHandlerContext vertx = connection.channelHandlerContext();
        vertx.pipeline().addBefore(vertx.name(), null, new Sending(fields));
      }
    }
  }

  /** Listens on a connection that was just opened, before anything was read from it. */
  static Optional<RequestTrailers> of(HttpConnection from) {
    if (!(from instanceof ConnectionBase connection)) {
      return Optional.empty();
    }
    RequestTrailers made = new RequestTrailers();
    ChannelHandlerContext vertx = connection.channelHandlerContext();
    vertx.pipeline().addBefore(vertx.name(), null, made);
    return Optional.of(made);
  }

  /** Those of the next request; requests are asked for in the order in which they came. */
  Trailers next() {
    Trailers next = requests.poll();
    return next == null ? new Trailers() : next;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest) {
      last = new Trailers();
      requests.add(last);
    }
    if (message instanceof LastHttpContent end && !end.trailingHeaders().isEmpty()) {
      last.fields = passable(end.trailingHeaders());
    }
    context.fireChannelRead(message);
  }

  /** What concerns one connection stays there, as among headers. */
  private static HttpHeaders passable(HttpHeaders trailers) {
    HttpHeaders passable = new DefaultHttpHeaders(false);
    for (Map.Entry<String, String> field : trailers) {
      if (!HopHeaders.isHop(field.getKey())) {
        passable.add(field.getKey(), field.getValue());
      }
    }
    return passable;
  }

  /** Puts them into the end of one request, and leaves. */
  private static final class Sending extends ChannelOutboundHandlerAdapter {
    private final HttpHeaders fields;

    Sending(HttpHeaders fields) {
      this.fields = fields;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (message instanceof LastHttpContent end) {
        LastHttpContent made = new DefaultLastHttpContent(end.content(), false);
        made.trailingHeaders().add(end.trailingHeaders()).add(fields);
        context.write(made, promise);
        context.pipeline().remove(this);
      } else {
        context.write(message, promise);
      }
    }
  }
}
