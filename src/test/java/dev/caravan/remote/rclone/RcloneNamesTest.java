package dev.caravan.remote.rclone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.NameZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names as rclone's standard encoding writes them. */
class RcloneNamesTest {

  @ParameterizedTest
  @CsvSource({
    "a/b c.txt, a/b c.txt",
    "'new\nline', new␊line",
    "del\u007F, del␡",
    "real ␊, real ‛␊",
    "‛80, ‛‛80",
    "full／width, full‛／width",
    "．/x, ‛．/x",
    "．．, ‛．‛．",
    "．．．, ．．．"
  })
  void aKeyIsWrittenAsRcloneWritesIt(String key, String path) {
    assertThat(RcloneNames.toRclone(key)).isEqualTo(path);
    assertThat(RcloneNames.fromRclone(path)).contains(key);
  }

  @Test
  void everyNameComesBack() {
    for (String name : NameZoo.NAMES) {
      String key = name + "/" + name;
      assertThat(RcloneNames.fromRclone(RcloneNames.toRclone(key))).contains(key);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"．", "a/．．", "a／b", "␀"})
  void whatNoFileOfAStoreIsCalledIsNothingOfOurs(String path) {
    assertThat(RcloneNames.fromRclone(path)).isEmpty();
  }
}
