package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunTicket;
import dev.caravan.config.Durations;
import dev.caravan.event.Trigger;
import dev.caravan.purge.Purge;
import dev.caravan.purge.PurgeRequest;
import dev.caravan.sync.Sync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The steps behind {@code POST /api/storage/purge}; registered as the bean {@code purges}. */
public final class PurgeDoorSteps {

  private static final int LISTED_MAX = 10_000;
  private static final int PLAN_SECONDS = 10;

  private final Purge purge;
  private final Sync sync;
  private final Catalog catalog;
  private final Runnable waker;
  private final RunAnswers answers;

  /**
   * @param waker sends something to {@code seda:purge-request}
   */
  public PurgeDoorSteps(
      Purge purge, Sync sync, Catalog catalog, Runnable waker, RunAnswers answers) {
    this.purge = purge;
    this.sync = sync;
    this.catalog = catalog;
    this.waker = waker;
    this.answers = answers;
  }

  /** {@code POST /api/storage/purge}. */
  public void request(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    int wait = RunAnswers.waitOf(request);
    Body body =
        request.body(
            Map.of(
                "dry_run",
                Body.Kind.FLAG,
                "target_free_bytes",
                Body.Kind.SIZE,
                "older_than",
                Body.Kind.AGE));
    PurgeRequest.Terms terms =
        new PurgeRequest.Terms(
            body.size("target_free_bytes"), body.text("older_than").map(this::age));
    if (sync.roster().remotes().isEmpty()) {
      throw new ApiFault(400, "no remotes configured");
    }
    PurgeRequest wish = new PurgeRequest(Trigger.MANUAL, body.flag("dry_run"), terms);
    RunKeys.Ticket ticket = answers.once(request, "purge " + body, () -> start(wish));
    if (wait == 0 && wish.dryRun()) {
      planned(exchange, ticket);
    } else {
      answers.answer(exchange, ticket, wait, this::view);
    }
  }

  /** A dry run is soon over most of the time, so that its answer can be what it was asked for. */
  private void planned(Exchange exchange, RunKeys.Ticket ticket) throws InterruptedException {
    Map<String, List<Map<String, Object>>> lists =
        answers.await(ticket.run(), PLAN_SECONDS).map(this::lists).orElse(Map.of());
    Answers.accepted(exchange, ticket.run().value(), ticket.status(), lists);
  }

  private Duration age(String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, "older_than: " + e.getMessage());
    }
  }

  private RunKeys.Ticket start(PurgeRequest wish) {
    try {
      RunTicket ticket = purge.request(wish);
      waker.run();
      return new RunKeys.Ticket(ticket.runId(), ticket.status().label());
    } catch (RunQueue.OtherTermsException e) {
      throw new ApiFault(409, String.valueOf(e.getMessage()));
    }
  }

  /** A dry run says what would go and why everything else stays. */
  private Map<String, @Nullable Object> view(RunRow run) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>(RunView.of(run));
    if (run.dryRun()) {
      view.putAll(lists(run));
    }
    return view;
  }

  private Map<String, List<Map<String, Object>>> lists(RunRow run) {
    Map<String, List<Map<String, Object>>> lists = new LinkedHashMap<>();
    lists.put("files", items(run, "planned"));
    lists.put("kept", items(run, "skipped"));
    return lists;
  }

  private List<Map<String, Object>> items(RunRow run, String state) {
    List<Map<String, Object>> listed = new ArrayList<>();
    for (ItemRow item : catalog.items().list(run.id(), Optional.of(state), 0, LISTED_MAX)) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("path", item.path());
      view.put("size", Math.max(0, item.sizeBytes()));
      view.put("reason", item.reason());
      listed.add(view);
    }
    return listed;
  }
}
