package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorePathTest {

  /** On both sides of every border between lengths of UTF-8, and around the surrogates. */
  private static final List<Integer> LETTERS =
      List.of(
          1, 0x2F, 0x61, 0x7F, 0x80, 0x7FF, 0x800, 0x201B, 0xD7FF, 0xE000, 0xF7FF, 0xF800, 0xFF5E,
          0xFFFF, 0x10000, 0x1F600, 0x103FF, 0x10400, 0x10FFFF);

  @Test
  void theOrderIsThatOfTheUtf8Bytes() {
    for (long seed = 1; seed <= 20_000; seed++) {
      Random random = new Random(seed);
      String a = word(random);
      String b = word(random);
      int expected =
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
      assertThat(Integer.signum(StorePath.compareUtf8(a, b)))
          .as("seed %s: %s and %s", seed, a, b)
          .isEqualTo(Integer.signum(expected));
    }
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int length = random.nextInt(4); length >= 0; length--) {
      word.appendCodePoint(LETTERS.get(random.nextInt(LETTERS.size())));
    }
    return word.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\0b"})
  void whatIsNoPathBelowTheStoreIsRefused(String text) {
    assertThatThrownBy(() -> StorePath.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a/b, a, true",
    "a/b/c, a/b, true",
    "ab, a, false",
    "a, a/b, false",
    "a b, a, false",
    "é/x, é, true",
    "x, '', true",
  })
  void aPathIsWithinItsFoldersAndItself(String path, String folder, boolean within) {
    assertThat(StorePath.of(path).isWithin(folder)).isEqualTo(within);
  }

  @Test
  void aPathHasAFolderAndAName() {
    assertThat(StorePath.of("a/b/c").folder()).isEqualTo("a/b");
    assertThat(StorePath.of("a/b/c").name()).isEqualTo("c");
    assertThat(StorePath.of("c").folder()).isEmpty();
    assertThat(StorePath.of("\uD83D\uDE00").utf8Length()).isEqualTo(4);
  }
}
