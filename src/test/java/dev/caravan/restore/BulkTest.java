package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.restore.RestoreException.Reason;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many files come back together as one would: whole, or not at all, and on record afterwards. */
class BulkTest {

  private static final int FILES = 12;
  private static final String NO_RECORD =
      """
      CREATE TRIGGER no_record BEFORE UPDATE ON file WHEN NEW.state = 'present'
      BEGIN SELECT RAISE(ABORT, 'no record'); END
      """;

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private final MemoryRemote far = new MemoryRemote("far");
  private final Map<String, Restores.Brought> there = new TreeMap<>();
  private final Map<String, Reason> failed = new TreeMap<>();
  private SyncWorld world;
  private RestoreWorld restore;

  @BeforeEach
  void open() throws IOException {
    world = SyncWorld.of(store, near, far);
    restore = new RestoreWorld(world, near, far);
    for (int i = 0; i < FILES; i++) {
      Path file = world.write(name(i), content(i));
      Files.setLastModifiedTime(file, FileTime.from(1_500_000_000 + i, TimeUnit.SECONDS));
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    for (int i = 0; i < FILES; i++) {
      restore.purge(name(i));
    }
  }

  @AfterEach
  void close() {
    restore.close();
    world.close();
  }

  private static String name(int i) {
    return "%s/f%02d".formatted(i % 2 == 0 ? "even" : "odd/deep", i);
  }

  private static String content(int i) {
    return "content of file " + i;
  }

  private void bring(AtomicBoolean cancelled) {
    List<FileRow> rows = new RestoreTable(world.catalog()).below("", Optional.empty(), 100, false);
    Batches.Told told =
        new Batches.Told() {
          @Override
          public void there(FileRow row, Restores.Brought brought) {
            there.put(row.path().value(), brought);
          }

          @Override
          public void failed(FileRow row, RestoreException fault) {
            failed.put(row.path().value(), fault.reason());
          }
        };
    restore.restores().bring(new RestoreBatch(rows), Optional.empty(), cancelled::get, told);
  }

  private void bring() {
    bring(new AtomicBoolean());
  }

  /** Every name that shows is that of a whole file, and none is left that was on its way. */
  private List<String> visible() throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      if (Files.exists(world.path(name(i)))) {
        assertThat(world.path(name(i))).hasContent(content(i));
        names.add(name(i));
      }
    }
    try (Stream<Path> all = Files.walk(store)) {
      assertThat(all.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".caravan-"));
    }
    return names;
  }

  /** What a cycle finds to do. */
  private List<ItemRow> cycle() {
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    return world.items(run);
  }

  @Test
  void allOfThemComeBackAsTheyWere() throws Exception {
    bring();
    assertThat(visible()).hasSize(FILES);
    assertThat(failed).isEmpty();
    assertThat(there)
        .hasSize(FILES)
        .allSatisfy(
            (path, brought) -> {
              assertThat(brought.from()).contains("near");
              assertThat(brought.sha256()).isPresent();
              assertThat(world.file(path).state()).isEqualTo("synced");
            });
    assertThat(Files.getLastModifiedTime(world.path(name(3))).to(TimeUnit.SECONDS))
        .isEqualTo(1_500_000_003);
    assertThat(cycle()).isEmpty();
    assertThat(restore.restores().isUnderway(StorePath.of(name(0)))).isFalse();
  }

  @Test
  void whatBefallsOneBefallsNoOther() throws Exception {
    for (MemoryRemote remote : List.of(near, far)) {
      remote.lose(ObjectKey.of(StorePath.of(name(1))));
    }
    near.lose(ObjectKey.of(StorePath.of(name(2))));
    world.write(name(4), content(4));
    near.faults().before(Faults.Call.OPEN, 1, () -> restore.written(name(6), content(6)));
    bring();
    assertThat(failed).containsOnlyKeys(name(1)).containsEntry(name(1), Reason.UNAVAILABLE);
    assertThat(visible()).hasSize(FILES - 1).doesNotContain(name(1));
    assertThat(there.get(name(2)).from()).contains("far");
    assertThat(there.get(name(4)).from()).as("the owner's").isEmpty();
    assertThat(there.get(name(6)).from()).as("the owner's, meanwhile").isEmpty();
    assertThat(there.get(name(8)).from()).contains("near");
    assertThat(world.file(name(1)).state()).isEqualTo("purged");
  }

  @Test
  void afterACrashBeforeTheRecordTheFilesAreThereAndTheNextRunGoesOn() throws Exception {
    world.catalog().commit(session -> session.execute(NO_RECORD));
    bring();
    assertThat(failed).hasSize(FILES);
    assertThat(visible()).as("whole, though not on record").hasSize(FILES);
    assertThat(world.file(name(5)).state()).isEqualTo("purged");

    world.catalog().commit(session -> session.execute("DROP TRIGGER no_record"));
    failed.clear();
    bring();
    assertThat(failed).isEmpty();
    assertThat(there)
        .hasSize(FILES)
        .allSatisfy((p, brought) -> assertThat(brought.from()).isEmpty());
    assertThat(cycle()).hasSize(2 * FILES).allMatch(item -> item.reason().equals("unchanged"));
    assertThat(world.file(name(5)).state()).isEqualTo("synced");
  }

  @Test
  void aCancelledBatchLeavesNothingHalfDone() throws Exception {
    AtomicBoolean cancelled = new AtomicBoolean();
    near.faults().before(Faults.Call.OPEN, 5, () -> cancelled.set(true));
    bring(cancelled);
    assertThat(near.faults().happened()).isOne();
    assertThat(there).hasSize(4);
    assertThat(visible()).hasSameSizeAs(there.keySet());
    assertThat(failed.values()).allMatch(Reason.CANCELLED::equals);
    cancelled.set(false);
    bring(cancelled);
    assertThat(visible()).hasSize(FILES);
  }

  @Test
  void whoWantsOneOfThemWaitsForTheSameDownload() throws Exception {
    List<CompletableFuture<Restores.Brought>> readers = new ArrayList<>();
    near.faults()
        .before(
            Faults.Call.OPEN,
            3,
            () -> {
              for (int i = 0; i < 20; i++) {
                readers.add(restore.restores().begin(StorePath.of("even/f04")));
              }
            });
    bring();
    assertThat(readers).hasSize(20);
    for (CompletableFuture<Restores.Brought> each : readers) {
      assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(there.get("even/f04"));
    }
    assertThat(visible()).hasSize(FILES);
  }

  @Test
  void noFileLeavesTheStoreThroughALink(@TempDir Path outside) throws Exception {
    Files.delete(world.path("odd/deep"));
    Files.createSymbolicLink(world.path("odd/deep"), outside);
    bring();
    assertThat(failed).hasSize(FILES / 2).containsValue(Reason.REFUSED);
    assertThat(outside).isEmptyDirectory();
  }
}
