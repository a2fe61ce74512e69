package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.StoredObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in comes out: bytes, sizes, times, parts, and one version at a time. */
interface ContentContract extends RemoteUnderTest {

  @Test
  default void contentOfEverySizeComesBackAsItWent() throws Exception {
    long part = partSize();
    long[] sizes = {
      0, 1, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, part - 1, part, part + 1, 2 * part + 1
    };
    for (long size : sizes) {
      TestContent content = TestContent.ofSize(size, size);
      StoredObject stored = put("size/" + size, content);
      assertThat(read("size/" + size)).as("%d bytes", size).isEqualTo(content.bytes());
      assertThat(stored.proof()).isNotEqualTo(StoredObject.Proof.SIZE_ONLY);
    }
  }

  @Test
  default void findSaysWhatPutStored() throws Exception {
    TestContent content = TestContent.ofSize(partSize() + 1, 7);
    StoredObject stored = put("a/b.bin", content);
    ObjectStat found = find("a/b.bin").orElseThrow();
    assertThat(found.key()).isEqualTo(key("a/b.bin"));
    assertThat(found.sizeBytes()).isEqualTo(content.sizeBytes());
    assertThat(found.modifiedAt()).isEqualTo(kept(content.modifiedAt()));
    assertThat(found.etag()).isEqualTo(stored.etag());
    assertThat(found.version()).isEqualTo(stored.version());
    found.sha256().ifPresent(sha256 -> assertThat(sha256).isEqualTo(content.sha256()));
  }

  @Test
  default void anotherClientSeesWhatWasPut() throws Exception {
    put("seen", TestContent.of("by others"));
    try (Remote other = open()) {
      other.probe();
      assertThat(other.find(key("seen"))).isEqualTo(find("seen"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:58.500Z",
        "1905-01-01T00:00:00.250Z",
        "2026-03-01T12:34:56.123456789Z",
        "2038-01-19T03:14:08Z",
        "2106-02-07T06:28:16.000000001Z"
      })
  default void modificationTimesComeBack(String time) throws Exception {
    Instant modifiedAt = Instant.parse(time);
    put("timed", TestContent.of("x").modified(modifiedAt));
    assertThat(find("timed").orElseThrow().modifiedAt()).isEqualTo(kept(modifiedAt));
  }

  @Test
  default void partsCanBeRead() throws Exception {
    TestContent content = TestContent.ofSize(600_000, 3);
    put("ranged", content);
    long[][] ranges = {{0, 1}, {1, 262_144}, {262_143, 2}, {599_999, 1}, {300_000, 300_000}};
    for (long[] range : ranges) {
      assertThat(read("ranged", range[0], range[1]))
          .isEqualTo(slice(content.bytes(), range[0], range[0] + range[1]));
    }
    assertThat(read("ranged", 599_990, -1)).isEqualTo(slice(content.bytes(), 599_990, 600_000));
    assertThat(read("ranged", 599_990, 5_000))
        .as("a part that begins inside and ends outside")
        .isEqualTo(slice(content.bytes(), 599_990, 600_000));
  }

  @Test
  default void anOpenStreamMayBeAbandonedHalfWay() throws Exception {
    put("half", TestContent.ofSize(partSize() + 5, 4));
    for (int i = 0; i < 100; i++) {
      try (var in = remote().open(key("half"), 0, -1)) {
        assertThat(in.read()).isNotNegative();
      }
    }
    assertThat(read("half")).hasSize((int) partSize() + 5);
  }

  @Test
  default void putReplacesWhatWasThere() throws Exception {
    put("same", TestContent.ofSize(300_000, 1));
    put("same", TestContent.of("short"));
    assertThat(read("same")).asString(StandardCharsets.UTF_8).isEqualTo("short");
    assertThat(find("same").orElseThrow().sizeBytes()).isEqualTo(5);
    put("same", TestContent.of(""));
    assertThat(read("same")).isEmpty();
    assertThat(list("")).containsOnlyKeys("same");
  }

  @Test
  default void readersSeeTheOldOrTheNewVersionAndNeverAMix() throws Exception {
    TestContent a = TestContent.of("a".repeat(700_000));
    TestContent b = TestContent.of("b".repeat((int) partSize() + 500_000));
    put("torn", a);
    AtomicBoolean done = new AtomicBoolean();
    List<Callable<Integer>> both = new ArrayList<>();
    both.add(
        () -> {
          try {
            for (int i = 0; i < 20; i++) {
              put("torn", i % 2 == 0 ? b : a);
            }
            return 20;
          } finally {
            done.set(true);
          }
        });
    Callable<Integer> reader =
        () -> {
          int reads = 0;
          while (!done.get() || reads == 0) {
            byte[] seen = read("torn");
            assertThat(seen).isIn((Object) a.bytes(), b.bytes());
            long size = find("torn").orElseThrow().sizeBytes();
            assertThat(size).isIn(a.sizeBytes(), b.sizeBytes());
            reads++;
          }
          return reads;
        };
    both.add(reader);
    both.add(reader);
    assertThat(RemoteUnderTest.atOnce(both)).allMatch(count -> count > 0);
  }

  @Test
  default void ofManyPutsOfOneKeyOneWinsWhole() throws Exception {
    List<TestContent> contents = new ArrayList<>();
    List<Callable<StoredObject>> puts = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      TestContent content = TestContent.ofSize(200_000 + i, i);
      contents.add(content);
      puts.add(() -> put("fought/over", content));
    }
    RemoteUnderTest.atOnce(puts);
    byte[] winner = read("fought/over");
    assertThat(contents).anyMatch(content -> Arrays.equals(content.bytes(), winner));
    assertThat(list("")).containsOnlyKeys("fought/over");
  }

  private static byte[] slice(byte[] bytes, long from, long to) {
    return Arrays.copyOfRange(bytes, (int) from, (int) to);
  }
}
