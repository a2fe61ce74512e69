package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.detect.StoreDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sync that meets what a restore brings leaves it alone; what its owner does is not missed. */
class BesideSyncTest {

  private static final int FILES = 6;

  @TempDir Path store;
  private final MemoryRemote remote = new MemoryRemote("remote");
  private final AtomicInteger told = new AtomicInteger();
  private SyncWorld world;
  private RestoreWorld restore;

  @BeforeEach
  void open() throws IOException {
    world = SyncWorld.of(store, remote);
    restore = new RestoreWorld(world, remote);
    for (int i = 0; i < FILES; i++) {
      Path file = world.write(name(i), "content " + i);
      Files.setLastModifiedTime(file, FileTime.from(1_500_000_000 + i, TimeUnit.SECONDS));
    }
    assertThat(cycle()).hasSize(FILES);
    for (int i = 0; i < FILES; i++) {
      restore.purge(name(i));
    }
    world.tree().inHand().follow(path -> told.incrementAndGet());
    remote.faults().clear();
  }

  @AfterEach
  void close() {
    restore.close();
    world.close();
  }

  private static String name(int i) {
    return "d/f" + i;
  }

  /** What a cycle finds to do; no remote may be asked for anything else. */
  private List<ItemRow> cycle() {
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    return world.items(run);
  }

  private void bringAll() {
    assertThat(restore.bringAll()).isEmpty();
  }

  private void bringOne() throws RestoreException {
    Restores.await(restore.restores().begin(StorePath.of(name(0))));
  }

  /** An event of the kernel comes; true when it is passed on. */
  private boolean isNews(int file) {
    return !world.tree().inHand().isNoNews(StorePath.of(name(file)));
  }

  private void deleted(String path) {
    try {
      world.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String atRemote(int i) throws Exception {
    try (var in = remote.open(ObjectKey.of(StorePath.of(name(i))), 0, -1)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aCycleBeforeTheRecordAsksTheRemoteForNothing() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    List<ItemRow> done = new ArrayList<>();
    remote.faults().before(Faults.Call.FIND, 1, asked::incrementAndGet);
    restore.beforeRecord(() -> done.addAll(cycle()));
    bringAll();
    assertThat(restore.isRecordAwaited()).as("the cycle took place").isFalse();
    assertThat(done).isEmpty();
    assertThat(cycle()).isEmpty();
    assertThat(asked).hasValue(0);
    assertThat(told).as("all is as it was recorded").hasValue(0);
    assertThat(world.files()).hasSize(FILES).allMatch(file -> file.state().equals("synced"));
  }

  @Test
  void aLookThatBeganBeforeTheRecordTakesItFromTheRecord() throws Exception {
    // The rows are read as they were when the look began; the files come while it goes on.
    List<String> brought = new ArrayList<>();
    try (var rows = world.catalog().files().open()) {
      bringAll();
      while (true) {
        Optional<FileRow> row = rows.next();
        if (row.isEmpty()) {
          break;
        }
        brought.add(row.get().path() + " " + row.get().state());
      }
    }
    assertThat(brought).hasSize(FILES).allMatch(row -> row.endsWith("PURGED"));
    List<FileRow> now = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      now.add(world.catalog().files().find(StorePath.of(name(i))).orElseThrow());
    }
    Files.writeString(world.path(name(5)), "changed");
    FileRow changed = StoreDetector.rowOf(world.tree().stat(StorePath.of(name(5))).orElseThrow());
    now.set(5, changed);
    List<FileRow> news = new ArrayList<>();
    world
        .catalog()
        .commit(session -> news.addAll(world.catalog().files().unrecorded(session, now)));
    assertThat(news).containsExactly(changed);
  }

  @Test
  void whatItsOwnerWritesBeforeTheRecordIsToldAndMirrored() throws Exception {
    restore.beforeRecord(
        () -> {
          assertThat(isNews(3)).as("in hand").isFalse();
          restore.written(name(3), "the owner's");
          assertThat(isNews(3)).as("in hand").isFalse();
        });
    bringAll();
    assertThat(restore.isRecordAwaited()).isFalse();
    assertThat(told).hasValue(1);
    assertThat(cycle()).singleElement().matches(item -> item.path().equals(name(3)));
    assertThat(atRemote(3)).isEqualTo("the owner's");
    assertThat(world.path(name(3))).hasContent("the owner's");
  }

  @Test
  void whatItsOwnerDeletesBeforeTheRecordIsToldAndDeleted() throws Exception {
    restore.beforeRecord(
        () -> {
          deleted(name(2));
          assertThat(isNews(2)).as("in hand").isFalse();
        });
    bringAll();
    assertThat(told).hasValue(1);
    cycle();
    cycle();
    assertThat(world.files()).hasSize(FILES - 1).noneMatch(file -> file.path().equals(name(2)));
  }

  @Test
  void anEventAfterTheRecordIsNewsOnlyWhenTheFileChanged() throws Exception {
    bringAll();
    assertThat(told).hasValue(0);
    assertThat(isNews(1)).as("its own event, late").isFalse();
    assertThat(isNews(1)).as("another").isTrue();
    restore.written(name(4), "the owner's");
    assertThat(isNews(4)).isTrue();
    Files.delete(world.path(name(5)));
    assertThat(isNews(5)).isTrue();
  }

  @Test
  void aSingleFileIsLeftAloneAsWell() throws Exception {
    List<ItemRow> done = new ArrayList<>();
    restore.beforeRecord(
        () -> {
          done.addAll(cycle());
          restore.written(name(0), "the owner's");
        });
    bringOne();
    assertThat(restore.isRecordAwaited()).isFalse();
    assertThat(done).isEmpty();
    assertThat(told).hasValue(1);
    assertThat(cycle()).singleElement().matches(item -> item.path().equals(name(0)));
    assertThat(atRemote(0)).isEqualTo("the owner's");
  }

  @Test
  void whatLiesThereWithoutARecordIsTold() throws Exception {
    // Its owner makes it while it is on its way; a look meets it, and leaves it to the restore.
    remote
        .faults()
        .before(
            Faults.Call.OPEN,
            1,
            () -> {
              restore.written(name(0), "the owner's");
              world.tree().inHand().take(StorePath.of(name(0)));
              assertThat(cycle()).isEmpty();
            });
    bringOne();
    world.tree().inHand().drop(StorePath.of(name(0)));
    assertThat(told.get()).isPositive();
    assertThat(cycle()).singleElement().matches(item -> item.path().equals(name(0)));
    assertThat(atRemote(0)).isEqualTo("the owner's");
  }

  /** Whatever comes first: what its owner writes under the name is what is mirrored in the end. */
  @Test
  void anOwnerWhoWritesAsSoonAsAFileAppearsIsNeverOverlooked() throws Exception {
    Thread owner =
        new Thread(
            () -> {
              for (int i = 0; i < FILES; i++) {
                while (!Files.exists(world.path(name(i)))) {
                  Thread.onSpinWait();
                }
                restore.written(name(i), "the owner's " + i);
              }
            });
    owner.start();
    bringAll();
    owner.join();
    cycle();
    for (int i = 0; i < FILES; i++) {
      assertThat(atRemote(i)).isEqualTo("the owner's " + i);
    }
  }
}
