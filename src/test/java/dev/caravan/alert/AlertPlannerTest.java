package dev.caravan.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.alert.Message.Channel;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is told what, run after run. */
class AlertPlannerTest {

  private static final AlertPolicy POLICY = new AlertPolicy(3, true, "box", "/data");

  private Streak streak = Streak.none(Operation.SYNC);

  private static RunNews news(String run, RunState state, boolean begun) {
    return new RunNews(
        1, new RunId(run), Operation.SYNC, state, begun, 1_000, Optional.of("disk full"));
  }

  private List<Message> tell(RunNews news, String halt, AlertPolicy policy) {
    AlertPlan plan =
        AlertPlanner.plan(news, streak, Optional.of(halt).filter(h -> !h.isEmpty()), policy);
    streak = plan.streak();
    return plan.messages();
  }

  @ParameterizedTest
  @CsvSource({
    "s s s, - - -",
    "f f s, - - -",
    "f f f, - - failing",
    "f f f f f f, - - failing - - -",
    "f f f f s s, - - failing - recovered -",
    "f f s f f s f f f s, - - - - - - - - failing recovered",
    "f f f s f f f s, - - failing recovered - - failing recovered",
    "p p p s, - - failing recovered",
    "i i i s, - - failing recovered",
    "f p i, - - failing",
    "f c f c f s, - - - - failing recovered",
    "c c c c, - - - -",
    "h h h h s, halted - - - recovered",
    "f h s, - halted recovered",
    "f f h f f s, - - halted failing - recovered",
    "f f f h s, - - failing halted recovered",
    "h x h s, halted halted halted recovered",
  })
  void aPersonIsToldOnceOfFailuresOfEachHaltAndOfTheRecovery(String states, String expected) {
    List<String> told = new ArrayList<>();
    int run = 0;
    for (String each : states.split(" ")) {
      RunState state =
          switch (each) {
            case "s" -> RunState.SUCCEEDED;
            case "f" -> RunState.FAILED;
            case "p" -> RunState.PARTIAL;
            case "i" -> RunState.INTERRUPTED;
            case "c" -> RunState.CANCELLED;
            default -> RunState.HALTED;
          };
      String halt = each.equals("h") ? "max-delete" : each.equals("x") ? "store-missing" : "";
      told.add(
          tell(news("r" + ++run, state, true), halt, POLICY).stream()
              .filter(message -> message.channel() == Channel.NOTIFY)
              .map(message -> message.kind().label())
              .findFirst()
              .orElse("-"));
    }
    assertThat(String.join(" ", told)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(RunState.class)
  void aWatchdogIsToldOfEachBeginAndEachEnd(RunState state) {
    String expected =
        switch (state) {
          case QUEUED -> "";
          case RUNNING -> "start";
          case SUCCEEDED -> "success";
          case PARTIAL, FAILED, CANCELLED, INTERRUPTED, HALTED -> "fail";
        };
    assertThat(pings(news("r", state, true), POLICY)).isEqualTo(expected);
    assertThat(pings(news("r", state, false), POLICY)).as("it never began").isEmpty();
    AlertPolicy without = new AlertPolicy(3, false, "box", "/data");
    assertThat(pings(news("r", state, true), without)).as("there is none").isEmpty();
  }

  private String pings(RunNews news, AlertPolicy policy) {
    return String.join(
        " ",
        tell(news, "", policy).stream()
            .filter(message -> message.channel() == Channel.PING)
            .map(message -> message.kind().label())
            .toList());
  }

  @Test
  void whatACheckFindsIsToldAtOnceAndOnce() {
    streak = Streak.none(Operation.CHECK);
    List<Message> told = tell(found("r1", RunState.PARTIAL), "", POLICY);
    assertThat(told).extracting(Message::kind).contains(Message.Kind.FAILING);
    told = tell(found("r2", RunState.PARTIAL), "", POLICY);
    assertThat(told).extracting(Message::kind).doesNotContain(Message.Kind.FAILING);
    told = tell(found("r3", RunState.SUCCEEDED), "", POLICY);
    assertThat(told).extracting(Message::kind).contains(Message.Kind.RECOVERED);
    told = tell(found("r4", RunState.FAILED), "", POLICY);
    assertThat(told)
        .as("a remote may be back")
        .extracting(Message::kind)
        .doesNotContain(Message.Kind.FAILING);
  }

  private static RunNews found(String run, RunState state) {
    return new RunNews(
        1, new RunId(run), Operation.CHECK, state, true, 1_000, Optional.of("1 missing"));
  }

  @Test
  void anAlertSaysWhereWhatHowOftenAndWhy() {
    tell(news("r1", RunState.FAILED, false), "", POLICY);
    tell(news("r2", RunState.PARTIAL, false), "", POLICY);
    Message alert = tell(news("r3", RunState.FAILED, false), "", POLICY).get(0);
    assertThat(alert.id()).isEqualTo("r3-failing");
    assertThat(alert.body())
        .containsEntry("id", "r3-failing")
        .containsEntry("kind", "failing")
        .containsEntry("operation", "sync")
        .containsEntry("run_id", "r3")
        .containsEntry("state", "failed")
        .containsEntry("failures", 3)
        .containsEntry("error", "disk full")
        .containsEntry("at", "1970-01-01T00:00:01.000Z")
        .containsEntry("host", "box")
        .containsEntry("store", "/data")
        .containsEntry(
            "text",
            "Caravan on box (/data): sync did not succeed 3 times in a row (last: failed): disk"
                + " full. Run r3");
    Message recovery = tell(news("r4", RunState.SUCCEEDED, false), "", POLICY).get(0);
    assertThat(recovery.body().get("text"))
        .isEqualTo(
            "Caravan on box (/data): sync works again, after 3 runs without success. Run r4");
    Message halt = tell(news("r5", RunState.HALTED, false), "max-delete", POLICY).get(0);
    assertThat(halt.body().get("text"))
        .isEqualTo(
            "Caravan on box (/data): sync is halted and waits for a person: disk full. Run r5");
  }
}
