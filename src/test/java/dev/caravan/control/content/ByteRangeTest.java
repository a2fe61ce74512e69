package dev.caravan.control.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 9110, and what clients send instead. */
class ByteRangeTest {

  @ParameterizedTest
  @CsvSource({
    "bytes=0-499, 0, 500",
    "bytes=500-999, 500, 500",
    "bytes=-500, 9500, 500",
    "bytes=9500-, 9500, 500",
    "bytes=0-0, 0, 1",
    "bytes=-1, 9999, 1",
    "bytes=-20000, 0, 10000",
    "bytes=9999-20000, 9999, 1",
  })
  void aRangeWithinTheFileIsServed(String header, long offset, long length) throws Exception {
    assertThat(ByteRange.parse(header, 10_000)).contains(new ByteRange(offset, length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999-99999"})
  void aRangeBeyondTheFileIsRefused(String header) {
    assertThatThrownBy(() -> ByteRange.parse(header, 10_000))
        .isInstanceOf(ByteRange.UnsatisfiableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", ""})
  void whatIsNotOneRangeIsAnsweredWithTheWholeFile(String header) throws Exception {
    assertThat(ByteRange.parse(header, 10_000)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-", "bytes=-1"})
  void anEmptyFileHasNoRange(String header) {
    assertThatThrownBy(() -> ByteRange.parse(header, 0))
        .isInstanceOf(ByteRange.UnsatisfiableException.class);
  }

  @Test
  void theAnswerNamesWhatItHolds() {
    assertThat(new ByteRange(5, 3).contentRange(10)).isEqualTo("bytes 5-7/10");
  }
}
