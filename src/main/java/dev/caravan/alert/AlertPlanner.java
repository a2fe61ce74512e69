package dev.caravan.alert;

import dev.caravan.alert.Message.Channel;
import dev.caravan.alert.Message.Kind;
import dev.caravan.catalog.RunView;
import dev.caravan.event.Counted;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what is told of a run: a person hears once of failures in a row, once of each halt, and
 * once that it works again; a watchdog hears of each begin and each end.
 */
final class AlertPlanner {

  private AlertPlanner() {}

  /**
   * @param openHalt the kind of the halt that waits now
   */
  static AlertPlan plan(
      RunNews news, Streak streak, Optional<String> openHalt, AlertPolicy policy) {
    List<Message> messages = new ArrayList<>();
    pingOf(news)
        .filter(kind -> news.begun() && policy.isPinged(news.operation()))
        .ifPresent(kind -> messages.add(ping(kind, news)));
    return switch (news.state()) {
      // A person who cancels knows; and it says nothing about how the job fares.
      case QUEUED, RUNNING, CANCELLED -> new AlertPlan(streak, messages);
      case SUCCEEDED -> {
        if (streak.isKnown()) {
          messages.add(alert(Kind.RECOVERED, news, streak, policy));
        }
        yield new AlertPlan(Streak.none(news.operation()), messages);
      }
      case HALTED -> halted(news, streak.failed(), openHalt, policy, messages);
      case PARTIAL, FAILED, INTERRUPTED -> failed(news, streak.failed(), policy, messages);
    };
  }

  private static AlertPlan failed(
      RunNews news, Streak streak, AlertPolicy policy, List<Message> messages) {
    // Damage does not go away by trying again, and a check may not come again for days.
    boolean damage = news.operation() == Operation.CHECK && news.state() == RunState.PARTIAL;
    int patience = damage ? 1 : policy.failures();
    if (streak.alerted() || streak.failures() < patience) {
      return new AlertPlan(streak, messages);
    }
    messages.add(alert(Kind.FAILING, news, streak, policy));
    return new AlertPlan(streak.withAlert(), messages);
  }

  /** A halt waits for a person, and nothing gets better before one comes: told at once. */
  private static AlertPlan halted(
      RunNews news,
      Streak streak,
      Optional<String> openHalt,
      AlertPolicy policy,
      List<Message> messages) {
    String halt = openHalt.orElse("unknown");
    if (streak.alertedHalt().equals(Optional.of(halt))) {
      return new AlertPlan(streak, messages);
    }
    messages.add(alert(Kind.HALTED, news, streak, policy));
    return new AlertPlan(streak.withHalt(halt), messages);
  }

  private static Optional<Kind> pingOf(RunNews news) {
    return switch (news.state()) {
      case QUEUED -> Optional.empty();
      case RUNNING -> Optional.of(Kind.START);
      case SUCCEEDED -> Optional.of(Kind.SUCCESS);
      case PARTIAL, FAILED, CANCELLED, INTERRUPTED, HALTED -> Optional.of(Kind.FAIL);
    };
  }

  private static Message ping(Kind kind, RunNews news) {
    return new Message(
        news.run() + "-" + kind.label(),
        Channel.PING,
        kind,
        news.operation(),
        Map.of("run_id", news.run().value()));
  }

  private static Message alert(Kind kind, RunNews news, Streak streak, AlertPolicy policy) {
    String id = news.run() + "-" + kind.label();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", id);
    body.put("kind", kind.label());
    body.put("operation", news.operation().label());
    body.put("run_id", news.run().value());
    body.put("state", news.state().label());
    body.put("failures", streak.failures());
    body.put("error", news.error().orElse(""));
    body.put("at", String.valueOf(RunView.time(news.atMillis())));
    body.put("host", policy.host());
    body.put("store", policy.store());
    body.put("text", text(kind, news, streak, policy));
    return new Message(id, Channel.NOTIFY, kind, news.operation(), body);
  }

  private static String text(Kind kind, RunNews news, Streak streak, AlertPolicy policy) {
    String what = news.operation().label();
    String said =
        switch (kind) {
          case HALTED -> what + " is halted and waits for a person";
          case RECOVERED ->
              "%s works again, after %s without success"
                  .formatted(what, Counted.of(streak.failures(), "run"));
          case FAILING, ARCHIVE_GIVEN_UP, ARCHIVE_BLOCKED, START, SUCCESS, FAIL ->
              "%s did not succeed %s (last: %s)"
                  .formatted(what, times(streak.failures()), news.state().label());
        };
    String why = news.error().filter(e -> kind != Kind.RECOVERED).map(e -> ": " + e).orElse("");
    return "Caravan on %s (%s): %s%s. Run %s"
        .formatted(policy.host(), policy.store(), said, why, news.run());
  }

  private static String times(int failures) {
    return failures == 1 ? "once" : failures + " times in a row";
  }
}
