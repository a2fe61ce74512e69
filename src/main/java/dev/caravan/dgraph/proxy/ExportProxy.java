package dev.caravan.dgraph.proxy;

import dev.caravan.config.DgraphSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between Dgraph's clients and the Alpha. As a server it passes every request to the Alpha;
 * as a forward proxy it passes them where they are addressed to, and opens tunnels, as far as the
 * hosts are allowed. Bodies stream, at the speed of the slower side. What {@code /admin} answers is
 * looked at on the way.
 */
public final class ExportProxy implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 10;
  private static final int LOOKERS = 4;

  /** Files, memory and ports are finite. */
  private static final int CONNECTIONS_MAX = 8_192;

  private final DgraphSettings settings;
  private final AdminWatch watch;
  private final Clock clock;
  private final AtomicInteger port;
  private final int connectionsMax;
  private Optional<Vertx> vertx = Optional.empty();

  /** Listens to nothing yet. */
  public ExportProxy(DgraphSettings settings, AdminWatch watch, Clock clock) {
    this(settings, watch, clock, CONNECTIONS_MAX);
  }

  ExportProxy(DgraphSettings settings, AdminWatch watch, Clock clock, int connectionsMax) {
    this.settings = settings;
    this.watch = watch;
    this.clock = clock;
    this.port = new AtomicInteger(settings.port());
    this.connectionsMax = connectionsMax;
  }

  /**
   * Begins to listen, on one event loop for each processor.
   *
   * @return the port
   * @throws IllegalStateException when it cannot, naming the address
   */
  public int start() {
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors());
    Vertx made = Vertx.vertx(options(loops));
    vertx = Optional.of(made);
    AtomicInteger connections = new AtomicInteger();
    ProxyVerticle.Wiring wiring =
        new ProxyVerticle.Wiring(
            settings.host(),
            port,
            settings.upstream(),
            settings.allowedHosts(),
            watch,
            (int) settings.inspectLimit().bytes(),
            connectionsMax,
            clock);
    try {
      port.compareAndSet(0, freePort());
      for (int i = 0; i < loops; i++) {
        await(made.deployVerticle(new ProxyVerticle(wiring, connections)).toCompletionStage());
      }
    } catch (Exception e) {
      close();
      throw new IllegalStateException(
          "Cannot listen on %s:%d (%s): set dgraph.port or dgraph.host"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
    return port.get();
  }

  /** All event loops share one port, so it has to be known before the first listens. */
  private int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(settings.host(), 0));
      return socket.getLocalPort();
    }
  }

  private static VertxOptions options(int loops) {
    return new VertxOptions()
        .setEventLoopPoolSize(loops)
        .setWorkerPoolSize(LOOKERS)
        .setInternalBlockingPoolSize(LOOKERS)
        .setMaxWorkerExecuteTime(1)
        .setMaxWorkerExecuteTimeUnit(TimeUnit.MINUTES)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /** Where it listens; 0 before {@link #start} where any port will do. */
  public int port() {
    return port.get();
  }

  @Override
  public void close() {
    if (vertx.isPresent()) {
      try {
        await(vertx.get().close().toCompletionStage());
      } catch (Exception e) {
        throw new IllegalStateException("The proxy does not end: " + e.getMessage(), e);
      }
      vertx = Optional.empty();
    }
  }

  private static void await(CompletionStage<?> stage) throws Exception {
    try {
      stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + PATIENCE_SECONDS + " s", e);
    }
  }
}
