package dev.caravan.store.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.StorePath;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersAheadTest {

  /** More than what is ahead at most. */
  private static final int FOLDERS = 60;

  private static final int FILES = 100;

  @TempDir Path folder;
  private Path root;
  private StoreScan scan;

  @BeforeEach
  void makeStore() throws IOException {
    root = Files.createDirectory(folder.resolve("store"));
    scan =
        new StoreScan(
            new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC()), Filters.all());
  }

  @Test
  void allIsToldInTheOrderOfTheWalk() throws Exception {
    fill();
    Files.createFile(root.resolve("d00/.caravan-123456.part"));
    List<String> walked = new ArrayList<>();
    try (StoreCursor cursor = scan.open()) {
      drain(cursor, walked);
    }
    List<String> told = new ArrayList<>();
    Thread asking = Thread.currentThread();

    try (StoreCursor ahead =
        scan.openAhead(
            path -> told.add("- " + path),
            each -> {
              assertThat(Thread.currentThread()).isSameAs(asking);
              told.add("/ " + each.path());
            })) {
      drain(ahead, told);
      assertThat(ahead.next()).isEmpty();
    }

    assertThat(told).hasSize(FOLDERS * (FILES + 1) + 1);
    assertThat(told.stream().filter(each -> each.charAt(1) != ' ')).isEqualTo(walked);
    assertThat(told.indexOf("/ d17")).isEqualTo(told.indexOf("d17/f000") - 1);
    assertThat(told.subList(0, 3))
        .containsExactly("- d00/.caravan-123456.part", "/ d00", "d00/f000");
  }

  @Test
  void foldersThatAreLargeTinyOrEmptyAreToldInOrderToo() throws Exception {
    for (int i = 0; i < 300; i++) {
      Path at = Files.createDirectories(root.resolve(String.format("a/%03d", i)));
      if (i % 3 > 0) {
        Files.createFile(at.resolve("one"));
      }
    }
    for (String name : List.of("b", "b/c", "d")) {
      Path at = Files.createDirectory(root.resolve(name));
      for (int i = 0; i < FoldersAhead.MOST + 100; i++) {
        Files.createFile(at.resolve(Integer.toString(i)));
      }
    }
    List<String> walked = new ArrayList<>();
    try (StoreCursor cursor = scan.open()) {
      drain(cursor, walked);
    }
    List<String> told = new ArrayList<>();

    try (StoreCursor ahead = scan.openAhead(path -> {}, each -> {})) {
      drain(ahead, told);
    }

    assertThat(told).isEqualTo(walked).hasSize(200 + 3 * (FoldersAhead.MOST + 100));
  }

  /** Two folders of a million files do not fit a small heap, one does. */
  @Test
  void aLargeFolderIsReadOnWhenItIsDue() throws Exception {
    FoldersAhead ahead = new FoldersAhead();
    AtomicInteger given = new AtomicInteger();
    FolderFeed feed =
        new FolderFeed() {
          @Override
          public Optional<FolderFound> next() {
            if (given.get() == 1) {
              ahead.large();
            }
            return given.getAndIncrement() < 2 ? Optional.of(FolderFound.GONE) : Optional.empty();
          }

          @Override
          public void close() {}
        };
    Set<Thread> before = walking();
    ahead.begin(feed);
    Thread walk = walking().stream().filter(each -> !before.contains(each)).findAny().orElseThrow();

    assertThat(ahead.next()).isPresent();
    Awaitility.await().until(() -> walk.getState() == Thread.State.WAITING);
    assertThat(given).hasValue(1);

    assertThat(ahead.next()).isPresent();
    assertThat(ahead.next()).isEmpty();
    assertThat(given).hasValue(3);
  }

  @Test
  void aRootThatGoesAwayIsToldAndNoEnd() throws Exception {
    fill();

    try (StoreCursor ahead = scan.openAhead(path -> {}, each -> {})) {
      assertThat(ahead.next()).isPresent();
      Files.move(root, folder.resolve("elsewhere"));
      List<String> told = new ArrayList<>();

      assertThatThrownBy(() -> drain(ahead, told)).isInstanceOf(StoreMissingException.class);

      assertThat(told).hasSizeLessThan(FOLDERS * FILES - 1);
      assertThat(ahead.next()).isEmpty();
    }
  }

  @Test
  void aRootThatIsNotThereIsToldAtOnce() throws Exception {
    Files.delete(root);

    assertThatThrownBy(() -> scan.openAhead(path -> {}, each -> {}))
        .isInstanceOf(StoreMissingException.class);
  }

  @Test
  void anInterruptIsKeptAndEndsNothing() throws Exception {
    fill();
    List<String> told = new ArrayList<>();

    try (StoreCursor ahead = scan.openAhead(path -> {}, each -> {})) {
      Thread.currentThread().interrupt();
      drain(ahead, told);
    }

    assertThat(Thread.interrupted()).isTrue();
    assertThat(told).hasSize(FOLDERS * FILES);
  }

  @Test
  void whoStopsAskingStopsTheWalk() throws Exception {
    fill();
    Set<Thread> before = walking();
    Set<Thread> begun;
    try (StoreCursor ahead = scan.openAhead(path -> {}, each -> {})) {
      assertThat(ahead.next().map(ScanEntry::path)).contains(StorePath.of("d00/f000"));
      begun = walking();
      begun.removeAll(before);
      assertThat(begun).hasSize(1);
    }

    for (Thread thread : begun) {
      thread.join(20_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  private static Set<Thread> walking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals("scan"))
        .collect(Collectors.toSet());
  }

  private static void drain(StoreCursor cursor, List<String> to) {
    for (Optional<ScanEntry> next = cursor.next(); next.isPresent(); next = cursor.next()) {
      to.add(next.get().path().value());
    }
  }

  private void fill() throws IOException {
    for (int i = 0; i < FOLDERS; i++) {
      Path at = Files.createDirectory(root.resolve(String.format("d%02d", i)));
      for (int j = 0; j < FILES; j++) {
        Files.createFile(at.resolve(String.format("f%03d", j)));
      }
    }
  }
}
