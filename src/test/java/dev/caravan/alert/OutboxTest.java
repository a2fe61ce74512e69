package dev.caravan.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.sync.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a run's end to the message that arrives, across failures and restarts. */
class OutboxTest {

  private static final AlertPolicy POLICY = new AlertPolicy(1, true, "box", "/data");
  private static final Courier.Patience PATIENCE =
      new Courier.Patience(Duration.ofSeconds(2), Duration.ofSeconds(60), 5);

  @TempDir Path folder;
  private final TestClock clock = new TestClock(Instant.parse("2026-05-01T12:00:00Z"));
  private final List<String> arrived = new ArrayList<>();
  private final Map<Message.Channel, List<String>> account = new EnumMap<>(Message.Channel.class);
  private Catalog catalog;
  private Outbox outbox;
  private boolean down;
  private int tries;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
    outbox = new Outbox(catalog);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private void restart() {
    catalog.close();
    open();
  }

  private void begin(String id, boolean dry) {
    catalog.commit(session -> insert(session, id, dry));
  }

  private RunId insert(Session session, String id, boolean dry) {
    RunRow row =
        new RunRow(
            new RunId(id),
            Operation.SYNC,
            Trigger.MANUAL,
            RunState.QUEUED,
            dry,
            1,
            0,
            0,
            Optional.empty(),
            "{}");
    catalog.runs().insert(session, row);
    catalog.runs().recordBegin(session, row.id(), 2);
    return row.id();
  }

  private void end(String id, RunState state) {
    catalog.commit(
        session ->
            catalog.runs().recordEnd(session, new RunId(id), state, Optional.of("why"), "{}", 3));
  }

  @Test
  void failuresInARowAreCountedUntilOneGoesWell() {
    assertThat(outbox.streaks()).isEmpty();
    for (String id : List.of("a", "b")) {
      begin(id, false);
      end(id, RunState.FAILED);
    }
    outbox.plan(POLICY);
    assertThat(outbox.streaks()).containsOnly(Map.entry("sync", 2));
    restart();
    assertThat(outbox.streaks()).as("after a restart").containsEntry("sync", 2);
    begin("c", false);
    end("c", RunState.SUCCEEDED);
    outbox.plan(POLICY);
    assertThat(outbox.streaks()).containsEntry("sync", 0);
  }

  @Test
  void whatAPersonHoldsBackIsNoFailure() {
    assertThat(told("held", "paused", "Remote 'far' is held: 3 files waiting", 0)).isEmpty();
    assertThat(told("failed", "paused", "Remote 'far' is held: 3 files waiting", 1)).isNotEmpty();
  }

  private List<String> told(String id, String state, String error, int failed) {
    String report =
        "{\"counts\":{\"failed\":%d},\"remotes\":{\"far\":{\"state\":\"%s\",\"error\":\"%s\"}}}"
            .formatted(failed, state, error);
    begin(id, false);
    catalog.commit(
        session ->
            catalog
                .runs()
                .recordEnd(
                    session, new RunId(id), RunState.PARTIAL, Optional.of("why"), report, 3));
    return planned().stream().filter(each -> each.endsWith("failing")).toList();
  }

  private List<String> planned() {
    return outbox.plan(POLICY).stream().map(Message::id).toList();
  }

  /** Carries what is due, as the thread would; answers how long it would wait then. */
  private Duration carry(Message.Channel channel) throws InterruptedException {
    Courier courier = new Courier(channel, outbox, this::deliver, new Account(), PATIENCE, clock);
    return courier.carry();
  }

  private void deliver(Message message) throws DeliveryException {
    tries++;
    if (down) {
      throw new DeliveryException("down");
    }
    arrived.add(message.id());
  }

  private final class Account implements Courier.Account {
    @Override
    public void delivered(Message.Channel channel) {
      note(channel, "delivered");
    }

    @Override
    public void failed(Message.Channel channel) {
      note(channel, "failed");
    }

    @Override
    public void givenUp(Message.Channel channel) {
      note(channel, "given up");
    }

    private void note(Message.Channel channel, String outcome) {
      account.computeIfAbsent(channel, c -> new ArrayList<>()).add(outcome);
    }
  }

  @Test
  void whatARunComesToIsToldOnce() throws Exception {
    begin("r1", false);
    end("r1", RunState.FAILED);
    assertThat(outbox.isTried()).isFalse();
    assertThat(planned()).containsExactly("r1-start", "r1-fail", "r1-failing");
    assertThat(planned()).isEmpty();
    assertThat(outbox.isTried()).isFalse();
    carry(Message.Channel.PING);
    assertThat(arrived).containsExactly("r1-start", "r1-fail");
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).endsWith("r1-failing").hasSize(3);
    assertThat(outbox.isTried()).isTrue();
    carry(Message.Channel.PING);
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).hasSize(3);
  }

  @Test
  void whatIsRaisedBesideRunsIsToldOnceItCanBeAlsoAfterARestart() throws Exception {
    Message raised =
        new Message(
            "archive-given-up-A-7",
            Message.Channel.NOTIFY,
            Message.Kind.ARCHIVE_GIVEN_UP,
            Operation.ARCHIVE,
            Map.of("kind", "archive-given-up", "text", "why"));
    outbox.put(raised);
    outbox.put(raised);
    down = true;
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).isEmpty();
    restart();
    down = false;
    clock.advance(Duration.ofSeconds(2));
    assertThat(outbox.findNext(Message.Channel.NOTIFY))
        .hasValueSatisfying(waiting -> assertThat(waiting.message()).isEqualTo(raised));
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).containsExactly("archive-given-up-A-7");
    assertThat(outbox.isTried()).isTrue();
  }

  @Test
  void aDryRunIsNewsToNobody() {
    begin("r1", true);
    end("r1", RunState.FAILED);
    assertThat(planned()).isEmpty();
    begin("r2", true);
    catalog.write(session -> catalog.runs().recordInterrupted(session, 9));
    assertThat(planned()).isEmpty();
  }

  @Test
  void whatADeadProcessLeftIsToldAfterTheNextStart() throws Exception {
    begin("r1", false);
    end("r1", RunState.FAILED);
    restart();
    assertThat(planned()).as("died before it was planned").hasSize(3);
    restart();
    assertThat(planned()).as("planned once").isEmpty();
    carry(Message.Channel.PING);
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).as("died before it was sent").hasSize(3);
    begin("r2", false);
    restart();
    catalog.write(session -> catalog.runs().recordInterrupted(session, 9));
    assertThat(planned()).containsExactly("r2-start", "r2-fail");
    begin("r3", false);
    end("r3", RunState.SUCCEEDED);
    restart();
    assertThat(planned()).containsExactly("r3-start", "r3-success", "r3-recovered");
  }

  @Test
  void aRunWhoseEndWasLostIsToldWhenThatIsFound() {
    begin("r1", false);
    begin("dry", true);
    assertThat(planned()).containsExactly("r1-start");
    catalog.write(session -> catalog.runs().recordLost(session, Operation.SYNC, 9));
    assertThat(planned()).containsExactly("r1-fail", "r1-failing");
  }

  @Test
  void whatDoesNotArriveIsTriedAgainAfterLongerAndLongerWaitsAndThenGivenUp() throws Exception {
    begin("r1", false);
    end("r1", RunState.FAILED);
    planned();
    down = true;
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Duration wait = carry(Message.Channel.NOTIFY);
      waits.add(wait.toSeconds());
      carry(Message.Channel.NOTIFY);
      assertThat(tries).as("not before its time").isEqualTo(i + 1);
      clock.advance(wait);
    }
    assertThat(waits).containsExactly(2L, 4L, 8L, 16L);
    assertThat(carry(Message.Channel.NOTIFY)).isGreaterThan(Duration.ofMinutes(1));
    assertThat(tries).isEqualTo(5);
    clock.advance(Duration.ofHours(1));
    carry(Message.Channel.NOTIFY);
    assertThat(tries).isEqualTo(5);
    assertThat(account.get(Message.Channel.NOTIFY))
        .containsExactly("failed", "failed", "failed", "failed", "given up");
  }

  @Test
  void messagesKeepTheirOrderAcrossFailures() throws Exception {
    begin("r1", false);
    end("r1", RunState.FAILED);
    planned();
    down = true;
    Duration wait = carry(Message.Channel.NOTIFY);
    begin("r2", false);
    end("r2", RunState.SUCCEEDED);
    planned();
    down = false;
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).as("the first is not due").isEmpty();
    clock.advance(wait);
    carry(Message.Channel.NOTIFY);
    assertThat(arrived).containsExactly("r1-failing", "r2-recovered");
  }

  @Test
  void aPingThatCouldNotBeSentGivesWayToANewerOneOfItsKind() throws Exception {
    begin("r1", false);
    planned();
    down = true;
    carry(Message.Channel.PING);
    end("r1", RunState.SUCCEEDED);
    begin("r2", false);
    end("r2", RunState.SUCCEEDED);
    planned();
    down = false;
    clock.advance(Duration.ofSeconds(2));
    carry(Message.Channel.PING);
    assertThat(arrived).containsExactly("r1-success", "r2-start", "r2-success");
  }

  @Test
  void aClockThatWasSetBackDoesNotSilenceAnybodyForLong() throws Exception {
    begin("r1", false);
    planned();
    down = true;
    carry(Message.Channel.PING);
    clock.advance(Duration.ofDays(-30));
    assertThat(carry(Message.Channel.PING)).isEqualTo(PATIENCE.ceiling());
  }

  @Test
  void aFloodOfMessagesIsBounded() {
    catalog.commit(
        session -> {
          for (int i = 0; i < 400; i++) {
            RunState state = i % 2 == 0 ? RunState.FAILED : RunState.SUCCEEDED;
            RunId id = insert(session, "r" + i, false);
            catalog.runs().recordEnd(session, id, state, Optional.of("why"), "{}", 3);
          }
        });
    assertThat(planned()).as("three a run").hasSize(1_200).endsWith("r399-recovered");
    int left =
        catalog.write(
            session ->
                session.createQuery("SELECT COUNT(*) FROM outbox").map(row -> row.getInt(1)).one());
    assertThat(left).isEqualTo(1_000);
  }

  @Test
  void whoeverWaitsForTheTellingDoesNotWaitForWhatIsDown() throws Exception {
    begin("r1", false);
    end("r1", RunState.SUCCEEDED);
    planned();
    down = true;
    carry(Message.Channel.PING);
    assertThat(outbox.isTried()).isTrue();
    outbox.forgetPings();
    down = false;
    clock.advance(Duration.ofHours(1));
    carry(Message.Channel.PING);
    assertThat(arrived).isEmpty();
  }
}
