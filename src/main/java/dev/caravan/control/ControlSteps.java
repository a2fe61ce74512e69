package dev.caravan.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncRequest;
import dev.caravan.sync.SyncTicket;
import dev.caravan.sync.view.StorageViews;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps that the control routes are made of; registered as the bean {@code control}. */
public final class ControlSteps {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");
  private static final int WAIT_MAX_SECONDS = 3_600;
  private static final long POLL_MILLIS = 50;
  private static final int WAITERS_MAX = 6;

  private final Catalog catalog;
  private final Sync sync;
  private final StorageViews views;
  private final Runnable waker;
  private final Clock clock;
  private final Pause pause;
  private final Semaphore waiters = new Semaphore(WAITERS_MAX);

  /** Waits a moment; replaced in tests. */
  public interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  public ControlSteps(
      Catalog catalog, Sync sync, StorageViews views, Runnable waker, Clock clock, Pause pause) {
    this.catalog = catalog;
    this.sync = sync;
    this.views = views;
    this.waker = waker;
    this.clock = clock;
    this.pause = pause;
  }

  public void storage(Exchange exchange) {
    answer(exchange, 200, views.storage());
  }

  public void syncStatus(Exchange exchange) {
    answer(exchange, 200, views.sync());
  }

  /** {@code POST /api/storage/sync}. */
  public void requestSync(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange);
    JsonNode body = request.body(Set.of("dry_run", "accept_halt"));
    boolean dryRun = Request.flag(body, "dry_run");
    boolean accept = Request.flag(body, "accept_halt");
    if (dryRun && accept) {
      throw new ApiFault(422, "A dry run approves nothing: leave out dry_run or accept_halt");
    }
    int wait = request.number("wait", 0, 0, WAIT_MAX_SECONDS);
    if (sync.roster().remotes().isEmpty()) {
      throw new ApiFault(400, "no remotes configured");
    }
    if (accept && !catalog.write(handle -> catalog.halts().approve(handle, clock.millis()))) {
      LOG.info("An approval was asked for, but no halt waits for one");
    }
    SyncTicket ticket = sync.queue().request(new SyncRequest(Trigger.MANUAL, dryRun));
    waker.run();
    if (wait > 0) {
      Optional<RunRow> ended = awaitIfFew(ticket.runId(), wait);
      if (ended.isPresent()) {
        answer(exchange, 200, RunView.of(ended.get()));
        return;
      }
    }
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("run_id", ticket.runId().value());
    answer.put("status", ticket.status().label());
    answer(exchange, 202, answer);
  }

  /** Those who wait hold a thread each; beyond a few, callers are sent away to ask again. */
  private Optional<RunRow> awaitIfFew(RunId id, int seconds) throws InterruptedException {
    if (!waiters.tryAcquire()) {
      return Optional.empty();
    }
    try {
      return await(id, seconds);
    } finally {
      waiters.release();
    }
  }

  private Optional<RunRow> await(RunId id, int seconds) throws InterruptedException {
    long deadline = clock.millis() + seconds * 1_000L;
    while (true) {
      Optional<RunRow> run = catalog.runs().find(id).filter(row -> row.state().isEnded());
      if (run.isPresent() || clock.millis() > deadline) {
        return run;
      }
      pause.millis(POLL_MILLIS);
    }
  }

  public void pause(Exchange exchange) {
    paused(exchange, true);
  }

  public void resume(Exchange exchange) {
    paused(exchange, false);
  }

  private void paused(Exchange exchange, boolean value) {
    sync.schedule().paused(value);
    catalog.commit(handle -> catalog.recordMeta(handle, "paused", Boolean.toString(value)));
    answer(exchange, 200, Map.of("paused", value));
  }

  public void files(Exchange exchange) {
    Request request = Request.of(exchange);
    Optional<String> state = request.text("state");
    if (state.isPresent() && !Set.of("local", "synced", "purged", "failed").contains(state.get())) {
      throw new ApiFault(422, "state must be local, synced, purged or failed");
    }
    answer(
        exchange,
        200,
        views.files(
            request.text("prefix").orElse(""),
            state,
            request.text("cursor").orElse(""),
            request.number("limit", 100, 1, 1_000)));
  }

  public void inventory(Exchange exchange) {
    answer(exchange, 200, views.inventory());
  }

  public void runs(Exchange exchange) {
    Request request = Request.of(exchange);
    Optional<Operation> operation =
        request.text("operation").map(text -> word(Operation.class, text, "operation"));
    Optional<RunState> state =
        request.text("state").map(text -> word(RunState.class, text, "state"));
    int limit = request.number("limit", 50, 1, 1_000);
    List<Map<String, @Nullable Object>> runs =
        catalog.runs().list(operation, state, limit).stream().map(RunView::of).toList();
    answer(exchange, 200, Map.of("runs", runs));
  }

  private static <E extends Enum<E>> E word(Class<E> type, String text, String name) {
    try {
      return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, "%s '%s' is not known".formatted(name, text));
    }
  }

  public void run(Exchange exchange) {
    answer(exchange, 200, RunView.of(runOf(Request.of(exchange))));
  }

  private RunRow runOf(Request request) {
    String id = request.text("id").orElse("");
    try {
      Optional<RunRow> run = catalog.runs().find(new RunId(id));
      return run.orElseThrow(() -> new ApiFault(404, "There is no run '%s'".formatted(id)));
    } catch (IllegalArgumentException e) {
      throw new ApiFault(404, "There is no run of that id");
    }
  }

  public void items(Exchange exchange) {
    Request request = Request.of(exchange);
    RunRow run = runOf(request);
    int limit = request.number("limit", 100, 1, 10_000);
    int after = request.number("cursor", 0, 0, Integer.MAX_VALUE);
    List<ItemRow> rows = catalog.items().list(run.id(), request.text("state"), after, limit);
    List<Map<String, @Nullable Object>> items = new ArrayList<>();
    rows.forEach(row -> items.add(StorageViews.item(row)));
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("items", items);
    answer.put(
        "next_cursor",
        rows.size() == limit ? Long.toString(rows.get(rows.size() - 1).seq()) : null);
    answer(exchange, 200, answer);
  }

  public void cancel(Exchange exchange) {
    RunRow run = runOf(Request.of(exchange));
    if (!sync.queue().cancel(run.id())) {
      throw new ApiFault(409, "Run '%s' has ended already".formatted(run.id()));
    }
    answer(exchange, 202, Map.of("run_id", run.id().value(), "status", "cancelling"));
  }

  /** For what later versions answer. */
  public void notYet(Exchange exchange) {
    throw new ApiFault(501, "This version cannot do that yet");
  }

  /** Turns a failure into a problem document; nothing of the inside is shown. */
  public void problem(Exchange exchange) {
    Exception fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof ApiFault api) {
        respond(exchange, api.status(), Problems.CONTENT_TYPE, problemOf(api));
        return;
      }
    }
    LOG.error("A request failed: {}", String.valueOf(fault));
    LOG.debug("A request failed", fault);
    respond(
        exchange,
        500,
        Problems.CONTENT_TYPE,
        Problems.json(500, "The request failed inside; the log says why"));
  }

  private static String problemOf(ApiFault fault) {
    return Problems.json(fault.status(), Optional.ofNullable(fault.getMessage()).orElse(""));
  }

  private static void answer(Exchange exchange, int status, Object body) {
    respond(exchange, status, "application/json", Json.write(body));
  }

  private static void respond(Exchange exchange, int status, String type, String body) {
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, type);
    exchange.getMessage().setHeader("Cache-Control", "no-store");
    exchange.getMessage().setBody(body);
  }
}
