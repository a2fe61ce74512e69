package dev.caravan.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.Bandwidth;
import dev.caravan.contract.TestContent;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.memory.MemoryRemote;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ThrottledRemoteTest {

  private static final ObjectKey KEY = new ObjectKey("a");
  private static final long NONE = Long.MAX_VALUE;

  private final SettableClock clock = new SettableClock(Instant.parse("2026-05-05T12:00:00Z"));
  private final MemoryRemote memory = new MemoryRemote("memory");
  private Duration longestPause = Duration.ZERO;

  @Test
  void anUploadTakesAsLongAsTheLimitSays() throws Exception {
    Remote remote = limited(Map.of(LocalTime.MIDNIGHT, 100_000L));
    assertThat(timeOf(() -> remote.put(KEY, TestContent.ofSize(1_000_000, 1))))
        .isBetween(Duration.ofMillis(9_500), Duration.ofMillis(10_500));
    assertThat(longestPause).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void aDownloadTakesAsLongAsTheLimitSays() throws Exception {
    memory.put(KEY, TestContent.ofSize(1_000_000, 1));
    Remote remote = limited(Map.of(LocalTime.MIDNIGHT, 100_000L));
    assertThat(timeOf(() -> remote.open(KEY, 0, -1).readAllBytes()))
        .isBetween(Duration.ofMillis(9_500), Duration.ofMillis(10_500));
  }

  @Test
  void whereThereIsNoLimitNobodyWaits() throws Exception {
    Remote remote = limited(Map.of(LocalTime.MIDNIGHT, NONE));
    assertThat(timeOf(() -> remote.put(KEY, TestContent.ofSize(1_000_000, 1)))).isZero();
  }

  @Test
  void theTimetableIsFollowedWhileAFileIsUnderWay() throws Exception {
    Remote remote = limited(Map.of(LocalTime.of(8, 0), 100_000L, LocalTime.of(12, 0, 5), NONE));
    assertThat(timeOf(() -> remote.put(KEY, TestContent.ofSize(1_000_000, 1))))
        .isBetween(Duration.ofMillis(4_900), Duration.ofMillis(5_500));
  }

  @Test
  void timeThatWasNotUsedIsNotSavedUp() throws Exception {
    Remote remote = limited(Map.of(LocalTime.MIDNIGHT, 100_000L));
    remote.put(KEY, TestContent.of("x"));
    clock.advance(Duration.ofHours(1));
    assertThat(timeOf(() -> remote.put(KEY, TestContent.ofSize(1_000_000, 1))))
        .isGreaterThan(Duration.ofMillis(9_500));
  }

  @Test
  void aClockThatJumpsBackStopsNobodyForLong() throws Exception {
    Remote remote = limited(Map.of(LocalTime.MIDNIGHT, 100_000L));
    remote.put(KEY, TestContent.ofSize(100_000, 1));
    clock.advance(Duration.ofHours(-3));
    remote.put(KEY, TestContent.of("x"));
    assertThat(longestPause).isLessThan(Duration.ofSeconds(11));
  }

  @Test
  void twoRemotesShareOneLine() throws Exception {
    RateLimit limit = limit(Map.of(LocalTime.MIDNIGHT, 100_000L));
    Remote one = new ThrottledRemote(memory, limit);
    Remote two = new ThrottledRemote(new MemoryRemote("other"), limit);
    assertThat(
            timeOf(
                () -> {
                  one.put(KEY, TestContent.ofSize(500_000, 1));
                  two.put(KEY, TestContent.ofSize(500_000, 1));
                }))
        .isBetween(Duration.ofMillis(9_500), Duration.ofMillis(10_500));
  }

  @Test
  void aThreadThatIsToldToStopIsCancelled() {
    Pause interrupted =
        duration -> {
          throw new InterruptedException();
        };
    Bandwidth bandwidth = new Bandwidth(new TreeMap<>(Map.of(LocalTime.MIDNIGHT, 1_000L)));
    Remote remote = new ThrottledRemote(memory, new RateLimit(bandwidth, clock, interrupted));
    assertThatThrownBy(() -> remote.put(KEY, TestContent.ofSize(10_000, 1)))
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.CANCELLED));
    assertThat(Thread.interrupted()).isTrue();
  }

  private Remote limited(Map<LocalTime, Long> timetable) {
    return new ThrottledRemote(memory, limit(timetable));
  }

  private RateLimit limit(Map<LocalTime, Long> timetable) {
    return new RateLimit(
        new Bandwidth(new TreeMap<>(timetable)),
        clock,
        duration -> {
          clock.advance(duration);
          longestPause = duration.compareTo(longestPause) > 0 ? duration : longestPause;
        });
  }

  private interface Action {
    void run() throws Exception;
  }

  private Duration timeOf(Action action) throws Exception {
    Instant begin = clock.instant();
    action.run();
    return Duration.between(begin, clock.instant());
  }

  /** Stands still unless it is told to go. */
  private static final class SettableClock extends Clock {
    private Instant now;

    SettableClock(Instant now) {
      this.now = now;
    }

    void advance(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
