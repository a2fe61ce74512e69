package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryTimesTest {

  @ParameterizedTest
  @CsvSource({
    "-1, 5, 10",
    "0, 5, 10",
    "1, 5, 10",
    "2, 10, 20",
    "3, 20, 40",
    "9, 1280, 2560",
    "10, 1800, 3600",
    "50, 1800, 3600",
    "2147483647, 1800, 3600",
  })
  void aWaitDoublesUpToItsCeilingWithJitterInTheUpperHalf(int failures, long least, long most) {
    RetryTimes times =
        new RetryTimes(Duration.ofSeconds(10), Duration.ofHours(1), new Random(failures));
    long lowest = Long.MAX_VALUE;
    long highest = 0;
    for (int i = 0; i < 500; i++) {
      long wait = times.after(failures).toMillis();
      assertThat(wait).isBetween(least * 1_000, most * 1_000);
      lowest = Math.min(lowest, wait);
      highest = Math.max(highest, wait);
    }
    assertThat(highest - lowest).as("spread").isGreaterThan((most - least) * 900);
  }
}
