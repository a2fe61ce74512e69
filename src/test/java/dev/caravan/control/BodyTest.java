package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.control.Body.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request says of texts, before anything is done with them. */
class BodyTest {

  private static Body read(String text) {
    return Body.read(
        text.getBytes(StandardCharsets.UTF_8), Map.of("path", Kind.TEXT, "paths", Kind.TEXTS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'path':'a\\ud800'}",
        "{'path':'\\udc00b'}",
        "{'path':'\\udc00\\ud800'}",
        "{'paths':['a','\\udfff/c']}"
      })
  void halfACharacterIsNoText(String text) {
    assertThatThrownBy(() -> read(text.replace('\'', '"')))
        .isInstanceOfSatisfying(ApiFault.class, fault -> assertThat(fault.status()).isEqualTo(400))
        .hasMessageMatching("The body is not JSON \\(line 1, column \\d+\\): half a character, .*");
  }

  @Test
  void everyWholeCharacterIs() {
    Body body = read("{\"path\":\"\\ud83d\\ude00\\uffff\", \"paths\":[\"\\u00e9\", \"😀\"]}");
    assertThat(body.text("path")).contains("😀\uffff");
    assertThat(body.texts("paths")).containsExactly("é", "😀");
  }
}
