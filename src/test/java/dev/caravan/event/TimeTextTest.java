package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimeTextTest {

  @Test
  void aTimeIsWrittenAndReadAsJavaDoes() {
    long seed = Long.getLong("caravan.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long seconds = random.nextLong(-90_000_000_000L, 260_000_000_000L);
      int nano = random.nextInt(1_000_000_000);
      int[] units = {1, 1_000, 1_000_000, 1_000_000_000};
      int unit = units[random.nextInt(units.length)];
      Instant time = Instant.ofEpochSecond(seconds, nano / unit * unit);
      assertThat(TimeText.format(time)).as("seed %d", seed).isEqualTo(time.toString());
      assertThat(TimeText.parse(time.toString())).as("seed %d", seed).isEqualTo(time);
    }
  }

  @Test
  void whatIsUnusualIsReadAsJavaReadsIt() {
    for (String text :
        List.of(
            "2026-11-21T03:28:00.1Z",
            "2026-11-21T03:28:00.1234567Z",
            "1969-12-31T23:59:59.999999999Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2024-02-29T12:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21t03:28:00z",
            "2026-11-21T03:28:00.Z",
            "2026-11-21T03:28Z",
            "2026-11-21T03:28:00+01:00",
            "+12026-11-21T03:28:00Z",
            "-0001-11-21T03:28:00Z")) {
      Instant[] expected = new Instant[1];
      Throwable refusal = catchThrowable(() -> expected[0] = Instant.parse(text));
      if (refusal == null) {
        assertThat(TimeText.parse(text)).as(text).isEqualTo(expected[0]);
      } else {
        assertRefused(text);
      }
    }
  }

  @Test
  void whatIsNoTimeIsRefused() {
    for (String text :
        List.of(
            "",
            "now",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-11-31T00:00:00Z",
            "2026-11-21T25:00:00Z",
            "2026-11-21T00:60:00Z",
            "2026-11-21 00:00:00Z",
            "2026-11-21T00:00:00X",
            "2026-11-21T00:00:00.0000000000Z",
            "2026-11-2xT00:00:00Z")) {
      assertRefused(text);
    }
  }

  private static void assertRefused(String text) {
    assertThat(catchThrowable(() -> TimeText.parse(text)))
        .as(text)
        .isInstanceOf(DateTimeException.class);
  }
}
