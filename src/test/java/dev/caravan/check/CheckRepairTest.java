package dev.caravan.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.check.MendJournal;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wherever a repair breaks off, no damage is sent, and no good copy is thrown away. */
class CheckRepairTest {

  private static final String GOOD = "content of d/a";
  private static final String BAD = "cOntent of d/a";
  private static final StorePath PATH = StorePath.of("d/a");
  private static final long NUMBER = 4711;

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private final MemoryRemote far = new MemoryRemote("far");
  private SyncWorld world;
  private CheckedStore checked;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near, far);
    checked = new CheckedStore(world, near, far);
    world.write("d/a", GOOD);
    for (int i = 0; i < 9; i++) {
      world.write("d/" + i, "content " + i);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    checked.rot("d/a", BAD);
  }

  @AfterEach
  void close() {
    checked.close();
  }

  /** Two looks that find a file missing, hours apart, are what a deletion takes. */
  private void syncForDays() {
    for (int i = 0; i < 4; i++) {
      world.clock().advance(Duration.ofHours(6));
      assertThat(world.cycle().report()).contains("\"uploaded\":0", "\"deleted\":0");
    }
  }

  private void assertRemotesHoldTheGoodCopy() throws Exception {
    for (MemoryRemote remote : List.of(near, far)) {
      assertThat(new String(remote.open(ObjectKey.of(PATH), 0, -1).readAllBytes(), UTF_8))
          .as(remote.name())
          .isEqualTo(GOOD);
    }
  }

  private void assertMended() throws Exception {
    syncForDays();
    assertRemotesHoldTheGoodCopy();
    assertThat(world.path("d/a")).hasContent(GOOD);
    assertThat(world.file("d/a").state()).isEqualTo("synced");
    assertThat(checked.check(CheckMode.FULL).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(leftovers()).isEmpty();
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(world.path("d"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains("caravan"))
          .toList();
    }
  }

  private void execute(String sql) {
    world.catalog().commit(session -> session.execute(sql));
  }

  private FileRow row() {
    return world.catalog().files().find(PATH).orElseThrow();
  }

  @Test
  void theCatalogNeverSaysThatADamagedFileIsAway() throws Exception {
    execute("CREATE TABLE told (state TEXT)");
    execute(
        "CREATE TRIGGER tell AFTER UPDATE ON file WHEN NEW.path = 'd/a'"
            + " BEGIN INSERT INTO told VALUES (NEW.state); END");
    assertThat(checked.repair(CheckMode.HASH).items())
        .extracting(ItemRow::state)
        .containsExactly("done");
    List<String> told =
        world
            .catalog()
            .read(
                session ->
                    session.createQuery("SELECT DISTINCT state FROM told").mapToString().list());
    assertThat(told).containsExactly("present");
    assertMended();
  }

  @Test
  void syncsMayLookWhileTheGoodCopyIsFetched() throws Exception {
    checked.onFetched(
        waiting -> {
          // The test's clock stands a day ahead, so that its syncs would sweep a file of today.
          Path hidden = world.state().resolve("hidden");
          Files.move(waiting, hidden);
          syncForDays();
          Files.move(hidden, waiting);
        });
    checked.repair(CheckMode.HASH);
    assertMended();
  }

  @Test
  void aDeathBeforeTheRenameLeavesAllAsItWas() throws Exception {
    checked.onFetched(
        waiting -> {
          throw new IllegalStateException("killed");
        });
    assertThat(checked.repair(CheckMode.HASH).state()).isEqualTo(RunState.FAILED);
    syncForDays();
    assertRemotesHoldTheGoodCopy();
    assertThat(world.path("d/a")).hasContent(BAD);
    checked.onFetched(waiting -> {});
    checked.repair(CheckMode.HASH);
    assertMended();
  }

  @Test
  void aGoodCopyThatIsGoneAgainLeavesAllAsItWas() throws Exception {
    checked.onFetched(Files::delete);
    CheckedStore.Result result = checked.repair(CheckMode.HASH);
    assertThat(result.items().get(0).message().orElseThrow()).contains("could not be brought back");
    syncForDays();
    assertRemotesHoldTheGoodCopy();
    assertThat(world.path("d/a")).hasContent(BAD);
  }

  @Test
  void aDeathAfterTheDamagedFileIsDeletedLeavesTheGoodOne() throws Exception {
    execute(
        "CREATE TRIGGER die BEFORE UPDATE ON meta"
            + " WHEN NEW.name = 'check_mending' AND OLD.value <> '' AND NEW.value = ''"
            + " BEGIN SELECT RAISE(ABORT, 'killed'); END");
    assertThat(checked.repair(CheckMode.HASH).state()).isEqualTo(RunState.FAILED);
    execute("DROP TRIGGER die");
    checked.check().recover();
    assertMended();
  }

  /** As it is between two steps of the file system; a fault there is dealt with likewise. */
  private void breakOffAfterTheRename(boolean waits) throws Exception {
    Path file = world.path("d/a");
    FileRow row = row();
    if (waits) {
      Path waiting = Files.writeString(file.resolveSibling(".caravan-" + NUMBER + ".part"), GOOD);
      Files.setLastModifiedTime(waiting, Files.getLastModifiedTime(file));
    }
    MendJournal journal = new MendJournal(world.catalog());
    world.catalog().commit(session -> journal.recordBegin(session, row, NUMBER));
    Files.move(file, aside());
  }

  private Path aside() {
    return world.path("d/a").resolveSibling(".caravan-" + NUMBER + ".aside");
  }

  @Test
  void aDeathAfterTheRenameIsEndedWithTheGoodCopyThatWaits() throws Exception {
    breakOffAfterTheRename(true);
    checked.check().recover();
    assertMended();
  }

  @Test
  void aFaultAfterTheRenameLeavesAPurgedFileThatComesBack() throws Exception {
    breakOffAfterTheRename(false);
    checked.check().recover();
    assertThat(row().state()).isEqualTo(FileRow.State.PURGED);
    assertThat(leftovers()).as("nothing is hidden").isEmpty();
    syncForDays();
    assertRemotesHoldTheGoodCopy();
    checked.bring("d/a");
    assertMended();
  }

  @Test
  void theNextRepairEndsWhatBrokeOff() throws Exception {
    breakOffAfterTheRename(true);
    checked.rot("d/1", "cOntent 1");
    checked.repair(CheckMode.HASH);
    assertThat(world.path("d/1")).hasContent("content 1");
    assertMended();
  }

  @Test
  void nothingIsEndedWhileTheStoreIsAway() throws Exception {
    breakOffAfterTheRename(false);
    checked.refuse("the disk is not mounted");
    assertThat(catchThrowable(() -> checked.check().recover())).hasMessageContaining("not mounted");
    assertThat(row().state()).isEqualTo(FileRow.State.PRESENT);
    assertThat(aside()).exists();
  }

  @Test
  void whatItsOwnerWritesMeanwhileStays() throws Exception {
    checked.onFetched(waiting -> world.write("d/a", "written by its owner"));
    CheckedStore.Result result = checked.repair(CheckMode.HASH);
    assertThat(result.items().get(0).message().orElseThrow()).contains("it changed meanwhile");
    assertThat(world.path("d/a")).hasContent("written by its owner");
    assertThat(leftovers()).isEmpty();
    assertThat(world.cycle().report()).contains("\"uploaded\":2");
  }

  @Test
  void whatItsOwnerWroteBeforeADeathStays() throws Exception {
    breakOffAfterTheRename(true);
    world.write("d/a", "written by its owner");
    checked.check().recover();
    assertThat(world.path("d/a")).hasContent("written by its owner");
    assertThat(leftovers()).isEmpty();
    assertThat(world.cycle().report()).contains("\"uploaded\":2");
  }

  @Test
  void whatItsOwnerWroteIntoTheFileThatLiesAsideComesBack() throws Exception {
    breakOffAfterTheRename(true);
    Files.writeString(aside(), "written by its owner");
    checked.check().recover();
    assertThat(world.path("d/a")).hasContent("written by its owner");
    assertThat(leftovers()).isEmpty();
  }
}
