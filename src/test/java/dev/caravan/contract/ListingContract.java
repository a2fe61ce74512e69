package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looking, listing, moving and deleting: complete, whole batches, and calm about what is gone. */
interface ListingContract extends RemoteUnderTest {

  @Test
  default void anEmptyPlaceHoldsNothing() throws Exception {
    assertThat(list("")).isEmpty();
    assertThat(list("no/such/folder/")).isEmpty();
    assertThat(find("nothing")).isEmpty();
    assertThat(find("no/such/folder/nothing")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone", "no/such/folder/gone", "file/below", "folder"})
  default void whatIsNotThereIsAbsentAndCountsAsDeletedAndMoved(String absent) throws Exception {
    put("file", TestContent.of("x"));
    put("folder/x", TestContent.of("x"));
    assertThat(find(absent)).isEmpty();
    assertThatThrownBy(() -> read(absent))
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.NO_SUCH_OBJECT));
    assertThat(remote().delete(List.of(key(absent)))).isEmpty();
    assertThat(remote().move(Map.of(key(absent), key("elsewhere")))).isEmpty();
    assertThat(list("")).containsOnlyKeys("file", "folder/x");
  }

  @Test
  default void aListingBeginsWithThePrefix() throws Exception {
    putAll(List.of("a/b", "a/bc", "a/c/d", "ab", "b", "a.txt", ".caravan/trash/x/a/b"));
    assertThat(list("a")).containsOnlyKeys("a/b", "a/bc", "a/c/d", "ab", "a.txt");
    assertThat(list("a/")).containsOnlyKeys("a/b", "a/bc", "a/c/d");
    assertThat(list("a/b")).containsOnlyKeys("a/b", "a/bc");
    assertThat(list("a/c")).containsOnlyKeys("a/c/d");
    assertThat(list("a/c/")).containsOnlyKeys("a/c/d");
    assertThat(list("a/c/d")).containsOnlyKeys("a/c/d");
    assertThat(list("a/c/d/")).isEmpty();
    assertThat(list(".caravan/trash/")).containsOnlyKeys(".caravan/trash/x/a/b");
    assertThat(list("")).hasSize(7);
  }

  @Test
  default void foldersAreNamedOnceAndAlone() throws Exception {
    putAll(List.of("f/a b/x", "f/a b/y", "f/c/d/e/z", "f/file", "f2/x"));
    assertThat(remote().folders("f/")).containsExactly("a b", "c");
    assertThat(remote().folders("")).contains("f", "f2");
    assertThat(remote().folders("no/such/")).isEmpty();
    List<String> many =
        IntStream.rangeClosed(0, pageSize()).mapToObj(i -> "g/%04d/x".formatted(i)).toList();
    putAll(many);
    assertThat(remote().folders("g/")).hasSameSizeAs(many);
  }

  @Test
  default void aListingSaysSizeAndNameOfEach() throws Exception {
    put("p/one", TestContent.of("1"));
    put("p/four", TestContent.of("4444"));
    Map<String, ObjectStat> found = list("p/");
    assertThat(found.get("p/one").sizeBytes()).isEqualTo(1);
    assertThat(found.get("p/four").sizeBytes()).isEqualTo(4);
  }

  @Test
  default void aListingOfManyPagesIsComplete() throws Exception {
    int pages = 5 * pageSize() / 2;
    List<String> keys =
        IntStream.range(0, pages).mapToObj(i -> "many/%d/file-%d".formatted(i % 5, i)).toList();
    putAll(keys);
    assertThat(list("many/").keySet()).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(list("many/3/")).hasSize(pages / 5);
  }

  @Test
  default void aListingStopsWhenItsVisitorThrows() throws Exception {
    putAll(List.of("v/1", "v/2", "v/3"));
    List<ObjectStat> visited = new ArrayList<>();
    RemoteException enough = new RemoteException(Cause.CANCELLED, "enough");
    assertThatThrownBy(
            () ->
                remote()
                    .list(
                        "v/",
                        stat -> {
                          visited.add(stat);
                          throw enough;
                        }))
        .isSameAs(enough);
    assertThat(visited).hasSize(1);
  }

  @Test
  default void movingTakesContentAndTimeAlong() throws Exception {
    TestContent content = TestContent.ofSize(partSize() + 1, 9);
    put("from/here", content);
    put("to/there", TestContent.of("what was there is replaced"));
    assertThat(remote().move(Map.of(key("from/here"), key("to/there")))).isEmpty();
    assertThat(list("")).containsOnlyKeys("to/there");
    assertThat(read("to/there")).isEqualTo(content.bytes());
    assertThat(find("to/there").orElseThrow().modifiedAt()).isEqualTo(kept(content.modifiedAt()));
    assertThat(remote().move(Map.of(key("from/here"), key("to/there")))).isEmpty();
    assertThat(read("to/there")).isEqualTo(content.bytes());
  }

  @Test
  default void movingToItselfChangesNothing() throws Exception {
    put("a/b", TestContent.of("stays"));
    assertThat(remote().move(Map.of(key("a/b"), key("a/b")))).isEmpty();
    assertThat(read("a/b")).asString(StandardCharsets.UTF_8).isEqualTo("stays");
  }

  @Test
  default void aPageOfObjectsIsMovedAndDeletedAtOnce() throws Exception {
    List<String> keys = IntStream.range(0, pageSize()).mapToObj(i -> "batch/" + i).toList();
    putAll(keys);
    put("stays", TestContent.of("x"));
    Map<ObjectKey, ObjectKey> moves = new LinkedHashMap<>();
    keys.forEach(key -> moves.put(key(key), key(".caravan/trash/2026-01-02/" + key)));
    assertThat(remote().move(moves)).isEmpty();
    assertThat(list("batch/")).isEmpty();
    assertThat(list(".caravan/trash/")).hasSameSizeAs(keys);
    String last = keys.get(keys.size() - 1);
    assertThat(read(".caravan/trash/2026-01-02/" + last))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("content of " + last);
    assertThat(remote().delete(moves.values())).isEmpty();
    assertThat(list("")).containsOnlyKeys("stays");
  }

  @Test
  default void emptyBatchesDoNothing() throws Exception {
    put("stays", TestContent.of("x"));
    assertThat(remote().move(Map.of())).isEmpty();
    assertThat(remote().delete(List.of())).isEmpty();
    assertThat(list("")).containsOnlyKeys("stays");
  }
}
