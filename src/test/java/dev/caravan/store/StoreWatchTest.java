package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreWatchTest {
  private static final Filters FILTERS = new Filters(List.of("**"), List.of("ignored/**"));

  @TempDir Path folder;
  private Path root;
  private StoreTree tree;
  private StoreWatch watch;
  private final AtomicInteger changes = new AtomicInteger();

  @BeforeEach
  void startWatch() throws IOException {
    root = Files.createDirectory(folder.resolve("store"));
    Files.createDirectories(root.resolve(".caravan"));
    Files.createDirectories(root.resolve("ignored"));
    Files.createDirectories(root.resolve("deep/er"));
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    watch = StoreWatch.start(tree, FILTERS, path -> changes.incrementAndGet());
    await().until(watch::isWatching);
  }

  @AfterEach
  void closeWatch() {
    watch.close();
  }

  @Test
  void everyKindOfChangeIsNoticed() throws Exception {
    Path file = root.resolve("deep/er/file");
    noticed(() -> Files.createFile(file));
    noticed(() -> Files.writeString(file, "x"));
    noticed(() -> Files.move(file, root.resolve("moved")));
    noticed(() -> Files.delete(root.resolve("moved")));
    noticed(() -> Files.createDirectories(root.resolve("new/folder")));
    noticed(() -> Files.createFile(root.resolve("new/folder/latin")));
    assertThat(watch.state().lastChange()).isPresent();
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void whatIsCaravansOwnOrLeftOutIsNotReported() throws Exception {
    Files.createFile(root.resolve(".caravan/catalog.db"));
    Files.createFile(root.resolve("ignored/x"));
    AtomicFile begun = AtomicFile.begin(root.resolve("deep/restored"));
    noticed(() -> Files.createFile(root.resolve("last")));

    assertThat(changes.get()).isEqualTo(1);
    begun.close();
  }

  @Test
  void whatCaravanBringsIsNoNewsUntilSomebodyElseChangesIt() throws Exception {
    noticed(() -> back("deep/er/back", true));
    noticed(() -> Files.createFile(root.resolve("last")));
    int before = changes.get();
    back("deep/er/other", false);
    noticed(() -> Files.createFile(root.resolve("end")));
    assertThat(changes.get()).as("changes").isEqualTo(before + 1);
    noticed(() -> Files.writeString(root.resolve("deep/er/other"), "the owner's"));
    noticed(() -> Files.delete(root.resolve("deep/er/back")));
  }

  /** Brings a file as a restore does; perhaps its owner changes it before it is on record. */
  private void back(String name, boolean changed) throws IOException {
    StorePath path = StorePath.of(name);
    tree.inHand().take(path);
    FileStat seen;
    try (AtomicFile file = AtomicFile.begin(root.resolve(name)).modifiedAt(1_000_000_000L)) {
      file.write(new byte[10]);
      file.commitNew();
      seen = file.look(path).orElseThrow();
    }
    if (changed) {
      Files.writeString(root.resolve(name), "the owner's");
    }
    tree.inHand()
        .recorded(
            path,
            () -> {
              try {
                return tree.stat(path).filter(seen::isSameVersionAs).isPresent();
              } catch (IOException e) {
                return false;
              }
            });
  }

  @Test
  void aWatchThatCannotStartSaysSo() {
    try (StoreWatch refused =
        StoreWatch.start(
            tree,
            FILTERS,
            path -> changes.incrementAndGet(),
            () -> {
              throw new IOException("User limit of inotify instances reached");
            })) {
      await().until(() -> refused.problem().isPresent());
      assertThat(refused.problem().orElseThrow())
          .contains(root.toString(), "User limit of inotify instances reached", "next scan");
      assertThat(refused.isWatching()).isFalse();
    }
  }

  @Test
  void aRootThatGoesAwayEndsTheWatch() throws Exception {
    Files.delete(root.resolve("deep/er"));
    Files.deleteIfExists(root.resolve(".caravan/watch/beat"));
    for (String name : List.of("deep", "ignored", ".caravan/watch", ".caravan", "")) {
      Files.delete(root.resolve(name));
    }
    await().until(() -> watch.problem().isPresent());
    assertThat(watch.isWatching()).isFalse();
  }

  @Test
  void foldersThatAppearDuringAnOverflowAreWatchedAfterwards() throws Exception {
    StoreWatch own = watch;
    own.close();
    Object gate = new Object();
    AtomicInteger seen = new AtomicInteger();
    watch =
        StoreWatch.start(
            tree,
            FILTERS,
            path -> {
              synchronized (gate) {
                seen.incrementAndGet();
              }
            });
    await().until(watch::isWatching);
    synchronized (gate) {
      for (int i = 0; i < 20_000; i++) {
        Path file = root.resolve("deep/f" + i);
        Files.createFile(file);
      }
      Files.createDirectory(root.resolve("deep/during"));
    }
    await().until(() -> watch.overflows() > 0 && watch.isWatching());
    await()
        .untilAsserted(
            () -> {
              int before = seen.get();
              Files.writeString(root.resolve("deep/during/x"), "x" + before);
              await().until(() -> seen.get() > before);
            });
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void foldersAreCounted() throws Exception {
    assertThat(watch.state().watchedFolders()).as("root, deep, deep/er").isEqualTo(3);
    Files.createDirectories(root.resolve("one/more"));
    await().until(() -> watch.state().watchedFolders() == 5);
    Files.delete(root.resolve("one/more"));
    await().until(() -> watch.state().watchedFolders() == 4);
    assertThat(watch.state().unwatchedFolders()).isZero();
    assertThat(watch.state().problem()).isEmpty();
  }

  @Test
  void aHeartbeatThatIsNotNoticedBeginsTheWatchAnew() throws Exception {
    watch.close();
    watch =
        StoreWatch.start(
            tree,
            FILTERS,
            path -> changes.incrementAndGet(),
            () -> FileSystems.getDefault().newWatchService(),
            Duration.ofMillis(50));
    await().until(() -> Files.exists(root.resolve(".caravan/watch/beat")));
    await().pollDelay(Duration.ofMillis(600)).until(watch::isWatching);
    assertThat(changes.get()).as("beats come through, and are no changes").isZero();
    assertThat(watch.state().heartbeatAgeSeconds()).isNotEmpty();

    // From here on beats go where nobody looks.
    Files.move(root.resolve(".caravan/watch"), folder.resolve("away"));
    Files.createDirectory(root.resolve(".caravan/watch"));
    await().untilAsserted(() -> assertThat(changes.get()).as("looked again").isPositive());
    await().until(watch::isWatching);
    noticed(() -> Files.createFile(root.resolve("deep/after")));
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void closeEndsTheThread() {
    watch.close();

    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("caravan-watch"));
    assertThat(watch.problem()).isEmpty();
  }

  private interface Change {
    void make() throws IOException;
  }

  private void noticed(Change change) throws IOException {
    int before = changes.get();
    change.make();
    await().until(() -> changes.get() > before);
  }
}
