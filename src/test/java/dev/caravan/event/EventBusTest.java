package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class EventBusTest {

  private static final Instant START = Instant.parse("2026-05-01T12:00:00Z");
  private static final long FIRST = START.toEpochMilli() * 1_000;
  private static final RunId RUN = new RunId("r1");

  private final EventBus bus = startedAt(START);

  private static EventBus startedAt(Instant time) {
    return new EventBus(Clock.fixed(time, ZoneOffset.UTC));
  }

  private void publish(int events) {
    for (int i = 0; i < events; i++) {
      bus.publish(RUN, new EventContent.Log("info", "line " + i));
    }
  }

  private List<Long> ids(long after, int most) {
    return bus.read(after, most).events().stream().map(Event::id).toList();
  }

  @Test
  void idsGrowByOne() {
    publish(3);
    assertThat(ids(FIRST - 1, 10)).containsExactly(FIRST, FIRST + 1, FIRST + 2);
    assertThat(ids(FIRST, 1)).containsExactly(FIRST + 1);
    assertThat(ids(FIRST + 2, 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 255, 256, 257, 511, 16_383, 16_384, 16_385, 40_000})
  void whatIsHeldIsWholeAndInOrderHoweverMuchWasPublished(int events) {
    publish(events);
    long oldest = bus.oldest();
    assertThat(FIRST + events - oldest).isEqualTo(Math.min(events, 16_384));
    List<Long> expected = LongStream.range(oldest, FIRST + events).boxed().toList();
    assertThat(ids(oldest - 1, 100_000)).isEqualTo(expected);
    assertThat(bus.read(oldest - 1, 100_000).events())
        .extracting(event -> event.fields().get("message"))
        .first()
        .isEqualTo("line " + (oldest - FIRST));
  }

  @Test
  void aReaderWhoFellBehindIsTold() {
    publish(16_385);
    assertThat(bus.read(FIRST, 1).lost()).isFalse();
    assertThat(bus.read(FIRST - 1, 1)).isEqualTo(new EventBus.Portion(List.of(), true));
  }

  @Test
  void aNewReaderIsToldOfNothingThatWasBefore() {
    publish(5);
    assertThat(bus.find(OptionalLong.empty())).isEqualTo(new EventBus.Place(FIRST + 4, false));
  }

  @Test
  void aReaderWhoComesBackMissesNothingThatIsStillHeld() {
    publish(2_000);
    long newest = FIRST + 1_999;
    assertThat(bus.find(OptionalLong.of(newest))).isEqualTo(new EventBus.Place(newest, false));
    assertThat(bus.find(OptionalLong.of(newest - 1_000)))
        .isEqualTo(new EventBus.Place(newest - 1_000, false));
    assertThat(bus.find(OptionalLong.of(newest - 1_001)))
        .isEqualTo(new EventBus.Place(newest - 1_000, true));
  }

  @Test
  void anIdOfAnotherProcessOrOfNobodyMeansAllThatCanBeToldAgain() {
    EventBus before = startedAt(START.minus(Duration.ofSeconds(1)));
    before.publish(RUN, new EventContent.Log("info", "long ago"));
    long former = before.oldest();
    EventBus.Place all = new EventBus.Place(FIRST - 1, true);
    assertThat(bus.find(OptionalLong.of(former))).isEqualTo(all);
    publish(3);
    assertThat(bus.find(OptionalLong.of(former))).isEqualTo(all);
    assertThat(bus.find(OptionalLong.of(0))).isEqualTo(all);
    assertThat(bus.find(OptionalLong.of(FIRST + 3))).as("not given out yet").isEqualTo(all);
    assertThat(bus.find(OptionalLong.of(Long.MAX_VALUE))).isEqualTo(all);
  }

  @Test
  void idsAreExactInPrograms() {
    assertThat(startedAt(Instant.parse("2200-01-01T00:00:00Z")).oldest())
        .isLessThan((1L << 53) - 1_000_000_000_000L);
  }

  @Test
  void aListenerThatFailsCostsNobodyElse() {
    List<Long> seen = new ArrayList<>();
    bus.listen(
        event -> {
          throw new IllegalStateException("planned");
        });
    Runnable end = bus.listen(event -> seen.add(event.id()));
    publish(2);
    end.run();
    publish(1);
    assertThat(seen).containsExactly(FIRST, FIRST + 1);
  }

  @Test
  void aFollowerIsHandedEverythingInOrder() throws Exception {
    List<Long> seen = new ArrayList<>();
    CountDownLatch all = new CountDownLatch(5_000);
    try (EventFollower follower =
        new EventFollower(
            bus,
            "test",
            event -> {
              seen.add(event.id());
              all.countDown();
            },
            lost -> seen.add(-lost))) {
      publish(5_000);
      assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(seen).isEqualTo(LongStream.range(FIRST, FIRST + 5_000).boxed().toList());
  }

  @Test
  void aFollowerThatHangsLosesEventsAndHoldsUpNobody() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(1);
    AtomicLong lost = new AtomicLong();
    AtomicLong seen = new AtomicLong();
    EventFollower follower =
        new EventFollower(
            bus,
            "test",
            event -> {
              seen.incrementAndGet();
              reached.countDown();
              await(goOn);
              if (event.id() == FIRST + 20_000) {
                all.countDown();
              }
            },
            lost::addAndGet);
    publish(1);
    assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
    publish(20_000);
    goOn.countDown();
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    follower.close();
    assertThat(lost).hasPositiveValue();
    assertThat(seen.get() + lost.get()).isEqualTo(20_001);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFollowerThatIsClosedHandsOnWhatIsLeft() {
    AtomicLong seen = new AtomicLong();
    EventFollower follower =
        new EventFollower(bus, "test", event -> seen.incrementAndGet(), lost -> {});
    publish(1_000);
    follower.close();
    assertThat(seen).hasValue(1_000);
    publish(1);
    assertThat(seen).hasValue(1_000);
  }
}
