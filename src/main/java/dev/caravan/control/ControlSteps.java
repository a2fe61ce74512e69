package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunTicket;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import dev.caravan.sync.Sync;
import dev.caravan.sync.SyncRequest;
import dev.caravan.sync.view.StorageViews;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps that the control routes are made of; registered as the bean {@code control}. */
public final class ControlSteps {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");

  private final Catalog catalog;
  private final Sync sync;
  private final Predicate<RunId> cancel;
  private final StorageViews views;
  private final Runnable waker;
  private final RunAnswers answers;
  private final String description = description();

  /**
   * @param cancel asks a run to end; false when it has ended
   * @param waker sends something to {@code seda:sync-request}
   */
  public ControlSteps(
      Catalog catalog,
      Sync sync,
      Predicate<RunId> cancel,
      StorageViews views,
      Runnable waker,
      RunAnswers answers) {
    this.catalog = catalog;
    this.sync = sync;
    this.cancel = cancel;
    this.views = views;
    this.waker = waker;
    this.answers = answers;
  }

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
    int wait = RunAnswers.waitOf(request);
    if (sync.roster().remotes().isEmpty()) {
      throw new ApiFault(400, "no remotes configured");
    }
    answers.answer(
        exchange, answers.once(request, "sync " + body, () -> start(body)), wait, RunView::of);
  }

  private RunKeys.Ticket start(Body body) {
    if (body.flag("accept_halt") && !sync.approveHalt()) {
      LOG.info("An approval was asked for, but no halt waits for one");
    }
    SyncRequest wish = new SyncRequest(Trigger.MANUAL, body.flag("dry_run"));
    RunTicket ticket = sync.queue().request(wish.wish());
    waker.run();
    return new RunKeys.Ticket(ticket.runId(), ticket.status().label());
  }

  public void cancel(Exchange exchange) {
    Request request = Request.of(exchange);
    request.body(Map.of());
    RunRow run = ListSteps.runOf(catalog, request);
    if (!cancel.test(run.id())) {
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
