package dev.caravan.remote.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3KeysTest {

  @ParameterizedTest
  @CsvSource({
    "plain/path-1_2.3~4, plain/path-1_2.3~4",
    "a b, a%20b",
    "a+b, a%2Bb",
    "a%b, a%25b",
    "a%20b, a%2520b",
    "ü, %C3%BC",
    "u\u0308, u%CC%88",
    "😀, %F0%9F%98%80",
    "&?#=:;@!$*'()<>|^`{}[], %26%3F%23%3D%3A%3B%40%21%24%2A%27%28%29%3C%3E%7C%5E%60%7B%7D%5B%5D",
  })
  void everyByteThatIsNotPlainIsPercentEncoded(String key, String encoded) {
    assertThat(S3Keys.encode(key)).isEqualTo(encoded);
    assertThat(S3Keys.decode(encoded)).isEqualTo(key);
  }

  @Test
  void controlCharactersSurvive() {
    assertThat(S3Keys.encode("a\nb\tc\rd\u0001")).isEqualTo("a%0Ab%09c%0Dd%01");
    assertThat(S3Keys.decode("a%0Ab%09c%0Dd%01")).isEqualTo("a\nb\tc\rd\u0001");
  }

  @Test
  void aPlusInAListingIsABlank() {
    assertThat(S3Keys.decode("a+b%2Bc")).isEqualTo("a b+c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "a%2", "a%zz", "%-1"})
  void aBrokenEscapeIsRefused(String encoded) {
    assertThatThrownBy(() -> S3Keys.decode(encoded)).isInstanceOf(IllegalArgumentException.class);
  }
}
