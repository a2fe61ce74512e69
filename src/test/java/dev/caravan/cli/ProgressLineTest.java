package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  private static final long GIB = 1L << 30;

  @Test
  void nothingIsForetoldFromTheFirstBytes() {
    assertThat(ProgressLine.timeLeft(0, GIB, Duration.ofSeconds(9))).isEmpty();
    assertThat(ProgressLine.timeLeft(GIB / 200, GIB, Duration.ofSeconds(9))).isEmpty();
    assertThat(ProgressLine.timeLeft(GIB / 2, GIB, Duration.ofMillis(900))).isEmpty();
    assertThat(ProgressLine.timeLeft(0, 0, Duration.ofSeconds(9))).isEmpty();
  }

  @Test
  void thePaceSoFarIsTakenForTheRest() {
    assertThat(ProgressLine.timeLeft(GIB / 4, GIB, Duration.ofSeconds(10)))
        .contains(Duration.ofSeconds(30));
    assertThat(ProgressLine.timeLeft(GIB, GIB, Duration.ofSeconds(10))).contains(Duration.ZERO);
    // Also where a byte takes less than a nanosecond.
    assertThat(ProgressLine.timeLeft(20 * GIB, 40 * GIB, Duration.ofSeconds(10)))
        .contains(Duration.ofSeconds(10));
  }
}
