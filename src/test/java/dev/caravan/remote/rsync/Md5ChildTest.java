package dev.caravan.remote.rsync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What md5sum says is read for whatever name. */
class Md5ChildTest {

  private static final String MD5 = "0123456789abcdef0123456789abcdef";

  private static Map<String, String> parse(String text) {
    return Md5Child.parse(text.getBytes(UTF_8));
  }

  @Test
  void plainNamesAndNamesWithBlanksAreRead() {
    assertThat(parse(MD5 + "  a b\n" + MD5 + " *binary\n"))
        .containsOnly(Map.entry("a b", MD5), Map.entry("binary", MD5));
  }

  @Test
  void aLineThatBeginsWithABackslashHasItsNameEscaped() {
    assertThat(parse("\\" + MD5 + "  new\\nline\\\\ and\\rmore\n"))
        .containsOnly(Map.entry("new\nline\\ and\rmore", MD5));
  }

  @Test
  void aBackslashInALineThatIsNotEscapedIsItself() {
    assertThat(parse(MD5 + "  back\\nslash\n")).containsOnly(Map.entry("back\\nslash", MD5));
  }

  @Test
  void bytesThatAreNoTextSurvive() {
    byte[] line = (MD5 + "  x").getBytes(UTF_8);
    line[line.length - 1] = (byte) 0xFF;
    assertThat(Md5Child.parse(line)).containsOnly(Map.entry("\u201BFF", MD5));
  }

  @Test
  void whatIsNoChecksumIsPassedOver() {
    assertThat(parse("md5sum: x: No such file\n\n" + MD5 + "\n" + MD5 + "  \n")).isEmpty();
    assertThat(parse("")).isEmpty();
  }
}
