package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import dev.caravan.restore.RestoreRequest;
import dev.caravan.restore.RestoreRuns;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncRequest;
import dev.caravan.sync.SyncTicket;
import dev.caravan.sync.view.StorageViews;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps that the control routes are made of; registered as the bean {@code control}. */
public final class ControlSteps {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");
  static final int WAIT_MAX_SECONDS = 3_600;
  private static final long POLL_MILLIS = 50;
  private static final int WAITERS_MAX = 6;

  private final Catalog catalog;
  private final Sync sync;
  private final RestoreRuns restores;
  private final StorageViews views;
  private final Wakers wakers;
  private final Clock clock;
  private final Pause pause;
  private final RunKeys keys;
  private final Semaphore waiters = new Semaphore(WAITERS_MAX);
  private final String description = description();

  /** Waits a moment; replaced in tests. */
  public interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  public ControlSteps(
      Catalog catalog,
      Sync sync,
      RestoreRuns restores,
      StorageViews views,
      Wakers wakers,
      Clock clock,
      Pause pause) {
    this.catalog = catalog;
    this.sync = sync;
    this.restores = restores;
    this.views = views;
    this.wakers = wakers;
    this.clock = clock;
    this.pause = pause;
    this.keys = new RunKeys(catalog, clock);
  }

  /**
   * Who is woken when something waits to be run.
   *
   * @param sync sends something to {@code seda:sync-request}
   * @param restore sends something to {@code seda:restore.request}
   */
  public record Wakers(Runnable sync, Runnable restore) {}

  private static String description() {
    try (InputStream in = ControlSteps.class.getResourceAsStream("/api/openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("/api/openapi.json is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("/api/openapi.json cannot be read from the jar", e);
    }
  }

  public void storage(Exchange exchange) {
    Request.of(exchange);
    Answers.json(exchange, 200, views.storage());
  }

  public void syncStatus(Exchange exchange) {
    Request.of(exchange);
    Answers.json(exchange, 200, views.sync());
  }

  /** {@code POST /api/storage/sync}. */
  public void requestSync(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    Body body = request.body(Map.of("dry_run", Body.Kind.FLAG, "accept_halt", Body.Kind.FLAG));
    if (body.flag("dry_run") && body.flag("accept_halt")) {
      throw new ApiFault(422, "A dry run approves nothing: leave out dry_run or accept_halt");
    }
    int wait = request.number("wait", 0, 0, WAIT_MAX_SECONDS);
    if (sync.roster().remotes().isEmpty()) {
      throw new ApiFault(400, "no remotes configured");
    }
    answer(exchange, keys.once(request, "sync " + body, () -> start(body)), wait);
  }

  /** {@code POST /api/storage/restore}. */
  public void requestRestore(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    Body body =
        request.body(
            Map.of("paths", Body.Kind.TEXTS, "from", Body.Kind.TEXT, "as_of", Body.Kind.TEXT));
    int wait = request.number("wait", 0, 0, WAIT_MAX_SECONDS);
    if (!body.has("paths") || body.texts("paths").isEmpty()) {
      throw new ApiFault(422, "paths is missing: say what to bring back");
    }
    List<String> roots = body.texts("paths").stream().map(ReadSteps::rootOf).toList();
    body.text("as_of").ifPresent(ControlSteps::refuseAsOf);
    Optional<String> from = body.text("from");
    if (from.isPresent()
        && sync.roster().remotes().stream().noneMatch(each -> each.name().equals(from.get()))) {
      throw new ApiFault(422, "from: no remote has the name '%s'".formatted(from.get()));
    }
    RestoreRequest wanted = new RestoreRequest(Trigger.MANUAL, roots, from);
    answer(exchange, keys.once(request, "restore " + body, () -> start(wanted)), wait);
  }

  private static void refuseAsOf(String text) {
    try {
      Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new ApiFault(422, "as_of must be a time such as 2026-11-21T09:00:00Z");
    }
    throw new ApiFault(501, "This version brings back the newest version only: leave out as_of");
  }

  private RunKeys.Ticket start(RestoreRequest wanted) {
    RestoreRuns.Ticket ticket =
        restores
            .request(wanted)
            .orElseThrow(() -> new ApiFault(429, "Too many restores wait already"));
    wakers.restore().run();
    return new RunKeys.Ticket(ticket.run(), ticket.started() ? "started" : "queued");
  }

  private void answer(Exchange exchange, RunKeys.Ticket ticket, int wait)
      throws InterruptedException {
    if (wait > 0) {
      Optional<RunRow> ended = awaitIfFew(ticket.run(), wait);
      if (ended.isPresent()) {
        Answers.json(exchange, 200, RunView.of(ended.get()));
        return;
      }
    }
    Answers.accepted(exchange, ticket.run().value(), ticket.status());
  }

  private RunKeys.Ticket start(Body body) {
    if (body.flag("accept_halt")
        && !catalog.write(session -> catalog.halts().approve(session, clock.millis()))) {
      LOG.info("An approval was asked for, but no halt waits for one");
    }
    SyncTicket ticket = sync.queue().request(new SyncRequest(Trigger.MANUAL, body.flag("dry_run")));
    wakers.sync().run();
    return new RunKeys.Ticket(ticket.runId(), ticket.status().label());
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
    Request.of(exchange).body(Map.of());
    sync.schedule().paused(value);
    catalog.commit(session -> catalog.recordMeta(session, "paused", Boolean.toString(value)));
    Answers.json(exchange, 200, Map.of("paused", value));
  }

  public void cancel(Exchange exchange) {
    Request request = Request.of(exchange);
    request.body(Map.of());
    RunRow run = ListSteps.runOf(catalog, request);
    if (!sync.queue().cancel(run.id()) && !restores.cancel(run.id())) {
      throw new ApiFault(409, "Run '%s' has ended already".formatted(run.id()));
    }
    Answers.accepted(exchange, run.id().value(), "cancelling");
  }

  /** {@code GET /api/openapi.json}: the API, described. */
  public void description(Exchange exchange) {
    Request.of(exchange);
    Answers.send(exchange, 200, "application/json", description);
  }

  /** Turns a failure into a problem document; nothing of the inside is shown. */
  public void problem(Exchange exchange) {
    Answers.problem(exchange);
  }
}
