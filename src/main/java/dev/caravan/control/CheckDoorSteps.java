package dev.caravan.control;

import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunTicket;
import dev.caravan.check.Check;
import dev.caravan.check.CheckMode;
import dev.caravan.check.CheckRequest;
import dev.caravan.event.Trigger;
import dev.caravan.sync.RemoteRoster;
import java.util.Map;
import org.apache.camel.Exchange;

/** The steps behind {@code POST /api/storage/check}; registered as the bean {@code checks}. */
public final class CheckDoorSteps {

  private final Check check;
  private final RemoteRoster roster;
  private final Runnable waker;
  private final RunAnswers answers;

  /**
   * @param waker sends something to {@code seda:check.request}
   */
  public CheckDoorSteps(Check check, RemoteRoster roster, Runnable waker, RunAnswers answers) {
    this.check = check;
    this.roster = roster;
    this.waker = waker;
    this.answers = answers;
  }

  /** {@code POST /api/storage/check}. */
  public void request(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    int wait = RunAnswers.waitOf(request);
    Body body = request.body(Map.of("mode", Body.Kind.TEXT, "repair", Body.Kind.FLAG));
    CheckMode mode =
        body.text("mode")
            .flatMap(CheckMode::find)
            .orElseThrow(() -> new ApiFault(422, "mode must be size, hash or full"));
    if (roster.remotes().isEmpty()) {
      throw new ApiFault(400, "no remotes configured");
    }
    CheckRequest wanted =
        new CheckRequest(Trigger.MANUAL, CheckRequest.Terms.all(mode, body.flag("repair")));
    answers.answer(
        exchange, answers.once(request, "check " + body, () -> start(wanted)), wait, RunView::of);
  }

  private RunKeys.Ticket start(CheckRequest wanted) {
    try {
      RunTicket ticket = check.request(wanted);
      waker.run();
      return new RunKeys.Ticket(ticket.runId(), ticket.status().label());
    } catch (RunQueue.OtherTermsException e) {
      throw new ApiFault(409, String.valueOf(e.getMessage()));
    }
  }
}
