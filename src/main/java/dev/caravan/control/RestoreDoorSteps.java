package dev.caravan.control;

import dev.caravan.catalog.RunView;
import dev.caravan.event.Trigger;
import dev.caravan.restore.RestoreRequest;
import dev.caravan.restore.RestoreRuns;
import dev.caravan.sync.RemoteRoster;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;

/** The steps behind {@code POST /api/storage/restore}; registered as the bean {@code restores}. */
public final class RestoreDoorSteps {

  private final RestoreRuns restores;
  private final RemoteRoster roster;
  private final Runnable waker;
  private final RunAnswers answers;

  /**
   * @param waker sends something to {@code seda:restore.request}
   */
  public RestoreDoorSteps(
      RestoreRuns restores, RemoteRoster roster, Runnable waker, RunAnswers answers) {
    this.restores = restores;
    this.roster = roster;
    this.waker = waker;
    this.answers = answers;
  }

  /** {@code POST /api/storage/restore}. */
  public void request(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    Body body =
        request.body(
            Map.of(
                "paths",
                Body.Kind.TEXTS,
                "from",
                Body.Kind.TEXT,
                "as_of",
                Body.Kind.TEXT,
                "catalog_only",
                Body.Kind.FLAG));
    int wait = RunAnswers.waitOf(request);
    if (!body.has("paths") || body.texts("paths").isEmpty()) {
      throw new ApiFault(422, "paths is missing: say what to bring back");
    }
    List<String> roots = body.texts("paths").stream().map(ReadSteps::rootOf).toList();
    Optional<Instant> asOf = body.text("as_of").map(RestoreDoorSteps::timeOf);
    if (asOf.isPresent() && body.flag("catalog_only")) {
      throw new ApiFault(422, "as_of and catalog_only exclude each other");
    }
    Optional<String> from = body.text("from");
    if (from.isPresent()
        && roster.remotes().stream().noneMatch(each -> each.name().equals(from.get()))) {
      throw new ApiFault(422, "from: no remote has the name '%s'".formatted(from.get()));
    }
    RestoreRequest wanted =
        new RestoreRequest(Trigger.MANUAL, roots, from, asOf, body.flag("catalog_only"));
    answers.answer(
        exchange, answers.once(request, "restore " + body, () -> start(wanted)), wait, RunView::of);
  }

  private static Instant timeOf(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new ApiFault(422, "as_of must be a time such as 2026-11-21T09:00:00Z");
    }
  }

  private RunKeys.Ticket start(RestoreRequest wanted) {
    RestoreRuns.Ticket ticket =
        restores
            .request(wanted)
            .orElseThrow(() -> new ApiFault(429, "Too many restores wait already"));
    waker.run();
    return new RunKeys.Ticket(ticket.run(), ticket.started() ? "started" : "queued");
  }
}
