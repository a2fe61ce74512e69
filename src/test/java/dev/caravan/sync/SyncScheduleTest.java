package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SyncScheduleTest {

  private static final Instant START = Instant.parse("2026-05-01T12:00:00Z");
  private static final Optional<Duration> NO_LOOK = Optional.empty();

  @TempDir Path folder;
  private final TestClock clock = new TestClock(START);

  private SyncSchedule every(Duration interval) {
    TestSettings settings = TestSettings.of(folder);
    return new SyncSchedule(
        settings.storeSettings(), settings.storageSettings(interval, Optional.empty()), clock);
  }

  private SyncSchedule cron(String text) {
    TestSettings settings = TestSettings.of(folder);
    return new SyncSchedule(
        settings.storeSettings(),
        settings.storageSettings(Duration.ofHours(1), Optional.of(text)),
        clock);
  }

  private SyncSchedule afterOneCycle(Duration interval) {
    SyncSchedule schedule = every(interval);
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, NO_LOOK, false, Optional.empty());
    return schedule;
  }

  @Test
  void theFirstCycleIsDueAtStart() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    assertThat(schedule.due()).contains(Trigger.STARTUP);
    assertThat(schedule.next()).contains(START);
    schedule.begun(Trigger.MANUAL);
    assertThat(schedule.due()).isEmpty();
  }

  @Test
  void theIntervalRunsFromBeginningToBeginning() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    schedule.begun(Trigger.MANUAL);
    clock.advance(Duration.ofMinutes(20));
    schedule.ended(RunState.SUCCEEDED, NO_LOOK, false, Optional.empty());
    assertThat(schedule.next()).contains(START.plus(Duration.ofHours(1)));
    clock.advance(Duration.ofMinutes(40).minusMillis(1));
    assertThat(schedule.due()).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(schedule.due()).contains(Trigger.SCHEDULE);
  }

  @Test
  void anIntervalOfNothingLeavesItToChangesAndPeople() {
    SyncSchedule schedule = afterOneCycle(Duration.ZERO);
    assertThat(schedule.next()).isEmpty();
    clock.advance(Duration.ofDays(400));
    assertThat(schedule.due()).isEmpty();
    schedule.changed();
    assertThat(schedule.next()).isPresent();
  }

  @Test
  void aMissedRunIsCaughtUpOnce() {
    SyncSchedule schedule = afterOneCycle(Duration.ofHours(1));
    clock.advance(Duration.ofHours(10));
    assertThat(schedule.due()).contains(Trigger.SCHEDULE);
    schedule.begun(Trigger.MANUAL);
    assertThat(schedule.due()).isEmpty();
    assertThat(schedule.next()).contains(clock.instant().plus(Duration.ofHours(1)));
  }

  @Test
  void whileChangesAreFollowedTheScanIntervalHoldsToo() {
    SyncSchedule schedule = afterOneCycle(Duration.ofHours(1));
    boolean[] watching = {true};
    schedule.watching(() -> watching[0]);
    clock.advance(Duration.ofMinutes(10));
    assertThat(schedule.due()).contains(Trigger.SCHEDULE);
    watching[0] = false;
    assertThat(schedule.due()).isEmpty();
  }

  @Test
  void whatIsToldIsTheNextCycleOfTheIntervalWhichScansDoNotPutOff() {
    SyncSchedule schedule = afterOneCycle(Duration.ofHours(1));
    schedule.watching(() -> true);
    for (int scans = 0; scans < 5; scans++) {
      assertThat(schedule.next()).contains(START.plus(Duration.ofHours(1)));
      clock.advance(Duration.ofMinutes(10).plusMillis(400));
      assertThat(schedule.due()).contains(Trigger.SCHEDULE);
      schedule.begun(Trigger.SCHEDULE);
      schedule.ended(RunState.SUCCEEDED, NO_LOOK, false, Optional.empty());
    }
    clock.set(START.plus(Duration.ofHours(1)));
    assertThat(schedule.due()).contains(Trigger.SCHEDULE);
    schedule.begun(Trigger.SCHEDULE);
    assertThat(schedule.next()).contains(START.plus(Duration.ofHours(2)));
  }

  @Test
  void withoutAnIntervalScansAreNotTold() {
    SyncSchedule schedule = afterOneCycle(Duration.ZERO);
    schedule.watching(() -> true);
    assertThat(schedule.next()).isEmpty();
    clock.advance(Duration.ofMinutes(10));
    assertThat(schedule.due()).contains(Trigger.SCHEDULE);
  }

  @Test
  void aCronExpressionTakesTheIntervalsPlace() {
    SyncSchedule schedule = cron("0 30 * * * ?");
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, NO_LOOK, false, Optional.empty());
    Instant next = schedule.next().orElseThrow();
    assertThat(next.atZone(ZoneId.systemDefault()).getMinute()).isEqualTo(30);
    assertThat(next).isBetween(START, START.plus(Duration.ofHours(1)));
    clock.set(next);
    assertThat(schedule.due()).contains(Trigger.SCHEDULE);
  }

  @Test
  void aCronExpressionThatNeverComesAgainMakesNothingDue() {
    SyncSchedule schedule = cron("0 0 3 1 1 ? 2026");
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, NO_LOOK, false, Optional.empty());
    assertThat(schedule.next()).isEmpty();
    assertThat(schedule.due()).isEmpty();
  }

  @Test
  void theFirstChangeSetsTheTimeAndFurtherOnesDoNotPutItOff() {
    SyncSchedule schedule = afterOneCycle(Duration.ofHours(1));
    assertThat(schedule.isChangeDue()).isFalse();
    schedule.changed();
    assertThat(schedule.isChangeDue()).isTrue();
    for (int i = 0; i < 19; i++) {
      clock.advance(Duration.ofMillis(100));
      schedule.changed();
      assertThat(schedule.due()).isEmpty();
    }
    clock.advance(Duration.ofMillis(100));
    assertThat(schedule.due()).contains(Trigger.WATCH);
    schedule.begun(Trigger.MANUAL);
    assertThat(schedule.isChangeDue()).isFalse();
  }

  @Test
  void whatWasStillWrittenIsLookedAtAgainSoon() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, NO_LOOK, true, Optional.empty());
    assertThat(schedule.next()).contains(START.plusMillis(2_500));
    clock.advance(Duration.ofMillis(2_500));
    assertThat(schedule.due()).contains(Trigger.WATCH);
  }

  @Test
  void afterALongLookChangesRestFourTimesAsLong() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, Optional.of(Duration.ofSeconds(60)), true, Optional.empty());
    assertThat(schedule.next()).contains(START.plusSeconds(240));
    schedule.changed();
    assertThat(schedule.next()).contains(START.plusSeconds(240));
    clock.advance(Duration.ofSeconds(300));
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, Optional.of(Duration.ZERO), false, Optional.empty());
    schedule.changed();
    assertThat(schedule.next()).contains(clock.instant().plusSeconds(2));
  }

  @Test
  void afterAFailureNothingIsDueBeforeItsBackOffHasPassed() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    schedule.begun(Trigger.MANUAL);
    Instant retry = START.plus(Duration.ofHours(2));
    schedule.ended(RunState.FAILED, NO_LOOK, true, Optional.of(retry));
    schedule.changed();
    assertThat(schedule.next()).contains(retry);
    clock.advance(Duration.ofMinutes(90));
    assertThat(schedule.due()).isEmpty();
    clock.set(retry);
    assertThat(schedule.due()).isPresent();
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.SUCCEEDED, NO_LOOK, false, Optional.empty());
    assertThat(schedule.next()).contains(retry.plus(Duration.ofHours(1)));
  }

  @Test
  void aPartialFailureIsRetriedButPutsNothingElseOff() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    schedule.begun(Trigger.MANUAL);
    schedule.ended(RunState.PARTIAL, NO_LOOK, false, Optional.of(START.plusSeconds(30)));
    assertThat(schedule.next()).contains(START.plusSeconds(30));
    schedule.changed();
    assertThat(schedule.next()).contains(START.plusSeconds(2));
  }

  @Test
  void whilePausedNothingIsDueByItself() {
    SyncSchedule schedule = every(Duration.ofHours(1));
    schedule.paused(true);
    assertThat(schedule.isPaused()).isTrue();
    assertThat(schedule.due()).isEmpty();
    schedule.changed();
    clock.advance(Duration.ofDays(1));
    assertThat(schedule.due()).isEmpty();
    schedule.paused(false);
    assertThat(schedule.due()).contains(Trigger.STARTUP);
  }

  @Test
  @Timeout(30)
  void whoeverWaitsForTheNextCycleIsWokenByAChange() throws Exception {
    SyncSchedule schedule = afterOneCycle(Duration.ofHours(1));
    assertThat(schedule.awaitDue(Duration.ofMillis(1))).isFalse();
    CompletableFuture<Boolean> woken =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return schedule.awaitDue(Duration.ofSeconds(20));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    while (!woken.isDone()) {
      // A pause that ends is a change as well; what is due by then is seen at once.
      clock.advance(Duration.ofHours(2));
      schedule.paused(false);
    }
    assertThat(woken.get()).isTrue();
  }

  @Test
  void aLookThatTakesLongBeginsBeforeTheStoreHasBeenQuietForLongEnough() {
    SyncSchedule schedule = afterOneCycle(Duration.ofHours(1));
    Duration settle = TestSettings.of(folder).storeSettings().settle();
    schedule.ended(RunState.SUCCEEDED, Optional.of(settle.dividedBy(4)), false, Optional.empty());
    clock.advance(settle.multipliedBy(10));
    schedule.changed();
    assertThat(schedule.next()).as("one long look").contains(clock.instant().plus(settle));
    schedule.begun(Trigger.WATCH);
    schedule.ended(RunState.SUCCEEDED, Optional.of(settle.dividedBy(2)), false, Optional.empty());
    clock.advance(settle.multipliedBy(10));
    schedule.changed();
    assertThat(schedule.next())
        .as("two, of which the shorter took a quarter of the time")
        .contains(clock.instant().plus(settle).minus(settle.dividedBy(8)));
  }
}
