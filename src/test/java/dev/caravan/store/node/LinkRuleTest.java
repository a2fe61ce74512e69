package dev.caravan.store.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.StorePath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkRuleTest {

  @ParameterizedTest
  @CsvSource({
    "link, file",
    "link, .",
    "link, ./a/b/",
    "a/link, ..",
    "a/link, ../b",
    "a/b/link, ../../c/d",
    "a/b/link, ./.././../c",
    "link, ...",
    "link, ..a",
  })
  void aLinkThatStaysInTheStoreIsMade(String link, String target) {
    assertThat(LinkRule.refusal(StorePath.of(link), target)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "link, ..",
    "link, ../x",
    "link, /etc/passwd",
    "link, //a",
    "a/link, ../../x",
    "a/link, .././../x",
    // Where b is a link into the depths of the store, these would be anywhere.
    "a/link, b/..",
    "a/link, b/../../../x",
    "a/b/link, ../c/../../..",
  })
  void aLinkThatLeadsOutOrMayIsNot(String link, String target) {
    assertThat(LinkRule.refusal(StorePath.of(link), target).orElseThrow()).startsWith("leads ");
  }
}
