package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What went without being purged comes back when somebody asks for it, and only then. */
class LostFilesTest {

  private static final List<String> ALL = List.of("d/a", "d/b", "e/c");

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private SyncWorld world;
  private RestoreWorld restore;

  @BeforeEach
  void open() throws IOException {
    world = SyncWorld.of(store, near);
    restore = new RestoreWorld(world, near);
    for (String name : ALL) {
      Path file = world.write(name, "content of " + name);
      Files.setLastModifiedTime(file, FileTime.from(1_500_000_000, TimeUnit.SECONDS));
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @AfterEach
  void close() {
    restore.close();
    world.close();
  }

  private FileRow.State stateOf(String path) {
    return world.catalog().files().find(StorePath.of(path)).orElseThrow().state();
  }

  @Test
  void aFileThatItsOwnerDeletedComesBackBeforeASyncTakesItForDeleted() throws Exception {
    world.delete("d/a");
    world.delete("d/b");
    assertThat(world.cycle().state()).as("the first look").isEqualTo(RunState.SUCCEEDED);
    RestoreRun run = restore.run("d/a");
    assertThat(run.state(false)).isEqualTo(RunState.SUCCEEDED);
    assertThat(run.book().count(RunCount.RESTORED)).isEqualTo(1);
    assertThat(world.path("d/a")).hasContent("content of d/a");
    assertThat(Files.getLastModifiedTime(world.path("d/a")).to(TimeUnit.SECONDS))
        .isEqualTo(1_500_000_000);
    assertThat(world.path("d/b")).as("nobody asked for it").doesNotExist();
    for (int i = 0; i < 3; i++) {
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    }
    assertThat(near.files()).containsOnlyKeys("d/a", "e/c");
  }

  @Test
  void aStoreThatWasEmptiedByMistakeIsWholeAgain() throws Exception {
    for (String name : ALL) {
      world.delete(name);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    assertThat(restore.run("").state(false)).isEqualTo(RunState.SUCCEEDED);
    for (String name : ALL) {
      assertThat(world.path(name)).hasContent("content of " + name);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys(ALL);
  }

  @Test
  void aReaderDoesNotBringBackWhatItsOwnerDeleted() throws Exception {
    world.delete("d/a");
    RestoreException fault =
        catchThrowableOfType(
            RestoreException.class,
            () -> Restores.await(restore.restores().begin(StorePath.of("d/a"))));
    assertThat(fault.reason()).isEqualTo(RestoreException.Reason.UNKNOWN);
    assertThat(world.path("d/a")).doesNotExist();
  }

  @Test
  void nothingIsTakenForLostInAStoreThatIsNotThere() throws Exception {
    world.delete("d/a");
    restore.refuse("The disk is not mounted");
    RestoreRun run = restore.run("");
    assertThat(run.state(false)).isEqualTo(RunState.FAILED);
    assertThat(run.book().count(RunCount.FAILED)).as("it and two folders").isEqualTo(3);
    assertThat(stateOf("d/a")).isEqualTo(FileRow.State.PRESENT);
  }

  @Test
  void whatNoRemoteIsKnownToHoldIsLeftToTheNextSync() throws Exception {
    world.write("d/new", "never sent");
    near.down(true);
    world.cycle();
    world.delete("d/new");
    near.down(false);
    RestoreRun run = restore.run("");
    assertThat(run.book().count(RunCount.FAILED)).isZero();
    assertThat(stateOf("d/new")).isEqualTo(FileRow.State.PRESENT);
  }
}
