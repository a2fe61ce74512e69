package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountedTest {

  @ParameterizedTest
  @CsvSource({"0, 0 files", "1, 1 file", "2, 2 files", "1000000, 1000000 files"})
  void onlyOneIsSingular(long number, String text) {
    assertThat(Counted.of(number, "file")).isEqualTo(text);
  }
}
