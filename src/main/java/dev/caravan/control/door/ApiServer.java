package dev.caravan.control.door;

import dev.caravan.config.HttpSettings;
import dev.caravan.control.Doorman;
import dev.caravan.control.Problems;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Serves HTTP with a bound on everything that a client can make it hold or wait for. It may listen
 * before its routes are there: until it is opened it answers for the health of the process alone,
 * and whoever asks for more waits.
 */
public final class ApiServer implements AutoCloseable {

  /** A path of the store may be 4,096 bytes long, each of them written as three. */
  private static final int LINE_MAX_BYTES = 24 << 10;

  private static final int HEADERS_MAX_BYTES = 8 << 10;
  private static final int BACKLOG = 1_024;
  private static final int PATIENCE_SECONDS = 10;

  private final Vertx vertx = Vertx.vertx(vertxOptions());
  private final Router router = Router.router(vertx);
  private final Lines lines;
  private final Opening opening;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Optional<HttpServer> server = Optional.empty();

  /**
   * @param instance names this process, in letters, digits and hyphens
   */
  public ApiServer(HttpSettings settings, String instance) {
    this(settings, instance, Lines.Limits.USUAL);
  }

  ApiServer(HttpSettings settings, String instance, Lines.Limits limits) {
    this.lines = new Lines(vertx, limits);
    router.route().order(Integer.MIN_VALUE).handler(lines::admit);
    new Doorman(settings).guard(router);
    this.opening = new Opening(vertx, settings, instance, router);
  }

  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        // It looks for threads that hang; every second would be most of what an idle one does.
        .setBlockedThreadCheckInterval(10)
        .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS)
        // Those who wait for a run may hold a thread for an hour; that is no fault to be logged.
        .setMaxWorkerExecuteTime(2)
        .setMaxWorkerExecuteTimeUnit(TimeUnit.HOURS)
        // Nothing is served from files, so no cache folder is needed for them.
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  public Vertx vertx() {
    return vertx;
  }

  /** Where handlers are added. */
  public Router router() {
    return router;
  }

  /**
   * Reads a request's body into memory, up to {@value Doorman#BODY_MAX_BYTES} bytes. The API takes
   * no forms; elsewhere a route of the user's own may.
   */
  public Handler<RoutingContext> bodyHandler() {
    BodyHandler reader = BodyHandler.create(false).setBodyLimit(Doorman.BODY_MAX_BYTES);
    return context -> {
      if (Doorman.isApi(context) && isForm(context.request())) {
        Problems.send(context.response(), 415, "Send the body as application/json");
      } else {
        reader.handle(context);
      }
    };
  }

  private static boolean isForm(HttpServerRequest request) {
    String type =
        Optional.ofNullable(request.getHeader("Content-Type")).orElse("").toLowerCase(Locale.ROOT);
    return type.startsWith("multipart/") || type.startsWith("application/x-www-form-urlencoded");
  }

  /**
   * Begins to listen; returns the port.
   *
   * @param port 0 for any that is free
   * @param more changes the options, for TLS
   */
  public int listen(String host, int port, Consumer<HttpServerOptions> more) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setMaxInitialLineLength(LINE_MAX_BYTES)
            .setMaxHeaderSize(HEADERS_MAX_BYTES)
            .setAcceptBacklog(BACKLOG)
            .setHttp2ClearTextEnabled(false);
    more.accept(options);
    HttpServer made =
        vertx
            .createHttpServer(options)
            .connectionHandler(lines::opened)
            .invalidRequestHandler(this::refuseInvalid)
            .requestHandler(this::route);
    server = Optional.of(made);
    await(made.listen(port, host).toCompletionStage().toCompletableFuture());
    return made.actualPort();
  }

  /** The router reads host and query while it looks for a route, where a fault is nobody's. */
  private void route(HttpServerRequest request) {
    try {
      request.authority();
      request.params();
    } catch (IndexOutOfBoundsException e) {
      refuse(request, "The Host header names no host");
      return;
    } catch (IllegalArgumentException e) {
      refuse(request, "The query has half a percent escape in it");
      return;
    }
    opening.receive(request);
  }

  private void refuse(HttpServerRequest request, String detail) {
    Problems.send(request.response(), 400, detail);
    lines.hangUp(request);
  }

  /** What is no HTTP, or too long, never reaches the router. */
  private void refuseInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    if (cause instanceof TooLongHttpLineException) {
      Problems.send(request.response(), 414, "The address is longer than 24 KiB");
    } else if (cause instanceof TooLongHttpHeaderException) {
      Problems.send(request.response(), 431, "The headers are longer than 8 KiB");
    } else {
      Problems.send(request.response(), 400, "The request is not HTTP");
    }
    lines.hangUp(request);
  }

  /** All routes are there: from now on everything is answered, also to those who wait already. */
  public void open() {
    opening.open();
  }

  /** Answers 503 from now on; what is being answered goes on. */
  public void wane() {
    lines.wane();
  }

  /** Ends at once what is being answered; a second time does nothing. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      if (server.isPresent()) {
        await(server.get().close().toCompletionStage().toCompletableFuture());
      }
      await(vertx.close().toCompletionStage().toCompletableFuture());
    } catch (Exception e) {
      throw new IllegalStateException("The HTTP server does not end: " + e.getMessage(), e);
    }
  }

  private static void await(CompletableFuture<?> future) throws Exception {
    try {
      future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + PATIENCE_SECONDS + " s", e);
    }
  }
}
