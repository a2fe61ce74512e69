package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.NameZoo;
import dev.caravan.event.StorePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever a file may be called, its object is called the same; or the remote refuses it. */
interface NameContract extends RemoteUnderTest {

  private static Stream<String> zoo() {
    Stream<String> deep =
        Stream.of(
            "d/".repeat(200) + "deep",
            "a folder / with blanks / on both sides ",
            ".caravan/trash/2026-01-02/a/b",
            ".caravan/catalog.db");
    Stream<String> nested = NameZoo.NAMES.stream().map(name -> name + "/inner/" + name);
    return Stream.of(NameZoo.NAMES.stream(), nested, deep).flatMap(names -> names);
  }

  /** One after the other at one remote, which is empty again after each. */
  @Test
  default void anObjectKeepsItsName() throws Exception {
    for (String name : (Iterable<String>) zoo()::iterator) {
      try {
        assertKeeps(name);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("With an object called \"" + name + "\"", e);
      }
    }
  }

  private void assertKeeps(String name) throws Exception {
    if (!canHold(name)) {
      assertThat(remote().refusal(StorePath.of(name), 1)).as("refusal of it").isPresent();
      return;
    }
    assertThat(remote().refusal(StorePath.of(name), 1)).isEmpty();
    TestContent content = TestContent.of("held under " + name);
    put(name, content);
    assertThat(find(name).orElseThrow().key()).isEqualTo(key(name));
    assertThat(read(name)).isEqualTo(content.bytes());
    assertThat(list("")).containsOnlyKeys(name);
    assertThat(list(name)).containsOnlyKeys(name);

    String aside = ".caravan/trash/2026-01-02/" + name + ".moved";
    if (canHold(aside) && StorePath.of(name).name().length() < 100) {
      assertThat(remote().move(Map.of(key(name), key(aside)))).isEmpty();
      assertThat(list("")).containsOnlyKeys(aside);
      assertThat(remote().move(Map.of(key(aside), key(name)))).isEmpty();
    }
    assertThat(remote().delete(List.of(key(name)))).isEmpty();
    assertThat(list("")).isEmpty();
  }

  @Test
  default void theWholeZooLivesSideBySide() throws Exception {
    List<String> names = new ArrayList<>();
    for (String name : NameZoo.NAMES) {
      if (canHold("zoo/" + name)) {
        names.add("zoo/" + name);
      }
    }
    putAll(names);
    assertThat(list("zoo/").keySet()).containsExactlyInAnyOrderElementsOf(names);
    for (String name : names) {
      assertThat(read(name)).asString(StandardCharsets.UTF_8).isEqualTo("content of " + name);
    }
  }

  @Test
  default void aFileThatBecomesAFolderIsNotInItsWayAndNotLost() throws Exception {
    put("a", TestContent.of("once a file"));
    put("a/b/c", TestContent.of("now in a folder"));
    assertThat(read("a/b/c")).asString(StandardCharsets.UTF_8).isEqualTo("now in a folder");
    assertThat(contents()).contains("once a file", "now in a folder");
    assertThat(remote().delete(List.of(key("a")))).isEmpty();
    assertThat(read("a/b/c")).asString(StandardCharsets.UTF_8).isEqualTo("now in a folder");
  }

  @Test
  default void aFolderThatBecomesAFileIsNotInItsWayAndNotLost() throws Exception {
    put("a/b/c", TestContent.of("once in a folder"));
    put("a/d", TestContent.of("beside it"));
    put("a", TestContent.of("now a file"));
    assertThat(read("a")).asString(StandardCharsets.UTF_8).isEqualTo("now a file");
    assertThat(contents()).contains("once in a folder", "beside it", "now a file");
    assertThat(remote().delete(List.of(key("a/b/c"), key("a/d")))).isEmpty();
    assertThat(read("a")).asString(StandardCharsets.UTF_8).isEqualTo("now a file");
  }

  private List<String> contents() throws Exception {
    List<String> contents = new ArrayList<>();
    for (String key : list("").keySet()) {
      contents.add(new String(read(key), StandardCharsets.UTF_8));
    }
    return contents;
  }
}
