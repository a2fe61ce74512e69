package dev.caravan.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RawWordsTest {

  private static final byte[] LINE =
      "java\0-jar\0x.jar\0restore\0\0B\u00e9\0caf\u201BE9\0".getBytes(UTF_8);

  @Test
  void theLastWordsOfTheProcessAreTheOnesThatJavaDecoded() {
    assertThat(RawWords.of(LINE, "restore", "", "B\uFFFD\uFFFD", "caf\uFFFD\uFFFD\uFFFDE9"))
        .as("a text form that a command printed stays one")
        .containsExactly("restore", "", "B\u00e9", "caf\u201BE9");
  }

  @Test
  void bytesThatAreNoUtf8AreTakenInTextForm() {
    byte[] line = "java\0caf\u00e9\0".getBytes(ISO_8859_1);
    assertThat(RawWords.of(line, "caf\uFFFD")).containsExactly("caf\u201BE9");
  }

  @Test
  void aLineThatIsAnotherOneIsNotBelieved() {
    String[] given = {"sync", "B\uFFFD"};
    assertThat(RawWords.of(LINE, given)).isSameAs(given);
    assertThat(RawWords.of(new byte[0], given)).isSameAs(given);
    assertThat(RawWords.of("sync\0cut".getBytes(UTF_8), given)).isSameAs(given);
  }

  @Test
  void plainWordsStayAsTheyAre() {
    String[] given = {"sync", "--json"};
    assertThat(RawWords.of(given)).isSameAs(given);
    String[] none = {};
    assertThat(RawWords.of(none)).isSameAs(none);
  }
}
