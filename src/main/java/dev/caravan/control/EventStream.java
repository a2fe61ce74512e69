package dev.caravan.control;

import dev.caravan.event.Event;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code GET /api/events}: Server-Sent Events, to so many listeners at once. Events are
 * handed on in portions, ten times a second at most, for the cost of a listener is that of its
 * writes; what is the same for all is made once.
 */
public final class EventStream implements AutoCloseable {

  /** Listeners at once; the next one is sent away. */
  public static final int CLIENTS_MAX = 256;

  private static final String PATH = "/api/events";
  private static final List<String> PARAMETERS = List.of("run_id", "last_event_id");
  private static final long PORTION_MILLIS = 100;
  private static final long HEARTBEAT_MILLIS = 15_000;

  /** As HTTP/2 calls it. */
  private static final long CANCEL = 8;

  private static final Pattern ID = Pattern.compile("[0-9]{1,18}");
  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");

  private final EventBus bus;
  private final Clock clock;
  private final Counter dropped;
  private final Set<EventClient> clients = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(CLIENTS_MAX);
  private final AtomicBoolean due = new AtomicBoolean();
  private final AtomicReference<EventPortion> newest;
  private final EventClient.Shared shared = new SharedByClients();
  private volatile Optional<Vertx> vertx = Optional.empty();
  private volatile Runnable deaf = () -> {};
  private volatile boolean closed;
  private long heartbeat = -1;

  public EventStream(EventBus bus, Clock clock, MeterRegistry meters) {
    this.bus = bus;
    this.clock = clock;
    this.newest = new AtomicReference<>(EventPortion.read(bus, 0, Optional.empty(), 0));
    this.dropped =
        Counter.builder("caravan_event_clients_dropped")
            .description("Listeners given up because they were too slow")
            .register(meters);
    Gauge.builder("caravan_event_clients", clients, Set::size)
        .description("Listeners at /api/events")
        .register(meters);
  }

  /** Puts the handler on a router that the doorman guards. */
  public void serve(Router router) {
    router.route(PATH).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(this::admit);
  }

  private void admit(RoutingContext request) {
    for (String name : request.queryParams().names()) {
      if (!PARAMETERS.contains(name)) {
        Problems.send(
            request.response(),
            422,
            "Unknown parameter; known are: " + String.join(", ", PARAMETERS));
        return;
      }
    }
    String run = Optional.ofNullable(request.request().getParam("run_id")).orElse("");
    Optional<RunId> only;
    try {
      only = run.isEmpty() ? Optional.empty() : Optional.of(new RunId(run));
    } catch (IllegalArgumentException e) {
      Problems.send(request.response(), 422, "run_id is not the id of a run");
      return;
    }
    if (request.request().method().equals(HttpMethod.HEAD)) {
      head(request.response()).end();
      return;
    }
    if (closed) {
      Problems.send(request.response().putHeader("Retry-After", "5"), 503, "Caravan is stopping");
      return;
    }
    if (!places.tryAcquire()) {
      Problems.send(
          request.response().putHeader("Retry-After", "30"),
          429,
          "%d listeners are here already, and more are not admitted".formatted(CLIENTS_MAX));
      return;
    }
    follow(request, only);
  }

  private static HttpServerResponse head(HttpServerResponse response) {
    return response
        .putHeader("Content-Type", "text/event-stream; charset=utf-8")
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Accel-Buffering", "no");
  }

  private void follow(RoutingContext request, Optional<RunId> only) {
    HttpServerResponse response = head(request.response()).setChunked(true);
    prepare(request.vertx());
    EventClient client =
        new EventClient(shared, request.vertx(), response, () -> cut(request.request()), only);
    response.exceptionHandler(fault -> LOG.debug("A listener's line broke: {}", fault.toString()));
    response.closeHandler(
        nothing -> {
          client.gone();
          leave(client);
        });
    response.endHandler(nothing -> leave(client));
    clients.add(client);
    client.begin(bus, known(request));
    if (closed) {
      client.stop("Caravan is stopping");
    }
  }

  /** An orderly close would wait until all was taken that was written, and so for ever. */
  private static void cut(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(CANCEL);
    } else if (request.connection() instanceof HttpServerConnection line) {
      line.channel().close();
    }
  }

  private void leave(EventClient client) {
    clients.remove(client);
    if (client.leave()) {
      places.release();
    }
  }

  /** The header, or the parameter, for those who cannot send the header; 0 when it is no id. */
  private static OptionalLong known(RoutingContext request) {
    String id =
        Optional.ofNullable(request.request().getHeader("Last-Event-ID"))
            .or(() -> Optional.ofNullable(request.request().getParam("last_event_id")))
            .orElse("");
    if (id.isEmpty()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(ID.matcher(id).matches() ? Long.parseLong(id) : 0);
  }

  /** Begins to follow the bus when the first listener comes. */
  private synchronized void prepare(Vertx loop) {
    if (vertx.isEmpty()) {
      vertx = Optional.of(loop);
      heartbeat = loop.setPeriodic(HEARTBEAT_MILLIS, timer -> clients.forEach(EventClient::beat));
      deaf = bus.listen(this::published);
    }
  }

  private void published(Event event) {
    if (!clients.isEmpty() && due.compareAndSet(false, true)) {
      vertx.ifPresent(loop -> loop.setTimer(PORTION_MILLIS, timer -> handOn()));
    }
  }

  private void handOn() {
    due.set(false);
    clients.forEach(EventClient::wake);
  }

  private final class SharedByClients implements EventClient.Shared {

    /** Whoever listens to everything and keeps up is given what the others were given. */
    @Override
    public EventPortion read(long after, Optional<RunId> only, int most) {
      if (only.isPresent() || most == 0) {
        return EventPortion.read(bus, after, only, most);
      }
      EventPortion made = newest.get();
      if (made.after() == after && made.last() > after) {
        return made;
      }
      EventPortion portion = EventPortion.read(bus, after, only, most);
      if (portion.last() > made.last()) {
        newest.set(portion);
      }
      return portion;
    }

    @Override
    public long millis() {
      return clock.millis();
    }

    @Override
    public void gaveUp(EventClient client) {
      leave(client);
    }

    @Override
    public void dropped(String reason) {
      dropped.increment();
      LOG.warn("A listener at {} was dropped: {}", PATH, reason);
    }
  }

  /** Tells all listeners that it is over, and lets no more in. */
  @Override
  public synchronized void close() {
    closed = true;
    deaf.run();
    vertx.ifPresent(loop -> loop.cancelTimer(heartbeat));
    clients.forEach(client -> client.stop("Caravan is stopping"));
  }
}
