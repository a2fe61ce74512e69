package dev.caravan.remote.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ServerClockTest {

  private static final Instant NOW = Instant.parse("2026-11-21T03:28:00Z");

  private final ServerClock clock = new ServerClock(Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void aBigDifferenceIsTakenOver() {
    clock.learn("Sat, 21 Nov 2026 03:58:00 GMT");
    assertThat(clock.offset()).isEqualTo(Duration.ofMinutes(30));
    assertThat(clock.instant()).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
  }

  @Test
  void aSmallDifferenceIsTolerated() {
    clock.learn("Sat, 21 Nov 2026 03:24:30 GMT");
    assertThat(clock.offset()).isZero();
  }

  @Test
  void onceTheClocksAgreeAgainTheOffsetIsGone() {
    clock.learn("Sat, 21 Nov 2026 03:58:00 GMT");
    clock.learn("Sat, 21 Nov 2026 03:28:10 GMT");
    assertThat(clock.offset()).isZero();
  }

  @Test
  void aDateThatCannotBeReadIsIgnored() {
    clock.learn("yesterday");
    assertThat(clock.offset()).isZero();
  }

  @Test
  void oneLookAMinuteIsEnough() {
    assertThat(clock.isLookDue()).isTrue();
    assertThat(clock.isLookDue()).isFalse();
  }
}
