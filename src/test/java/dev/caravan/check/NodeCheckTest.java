package dev.caravan.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.node.HeldTable;
import dev.caravan.event.RunState;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.sync.SyncWorld;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders, links and the copies of the catalog that tell of them are looked at as well. */
class NodeCheckTest {

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private final MemoryRemote far = new MemoryRemote("far");
  private SyncWorld world;
  private CheckedStore checked;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near, far);
    checked = new CheckedStore(world, near, far);
    world.write("d/a", "a");
    world.write("e/c", "c");
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @AfterEach
  void close() {
    checked.close();
  }

  @Test
  void foldersAndLinksThatAreGoneOrOtherAreNamed() throws Exception {
    Files.createSymbolicLink(world.path("d/gone"), Path.of("a"));
    Files.createSymbolicLink(world.path("d/other"), Path.of("a"));
    Files.createDirectories(world.path("empty"));
    world.cycle();
    assertThat(checked.check(CheckMode.SIZE).found()).isEmpty();
    Files.delete(world.path("d/gone"));
    Files.delete(world.path("empty"));
    Files.delete(world.path("d/other"));
    Files.createSymbolicLink(world.path("d/other"), Path.of("b"));
    Files.setPosixFilePermissions(world.path("e"), PosixFilePermissions.fromString("rwx------"));
    CheckedStore.Result result = checked.check(CheckMode.SIZE);
    assertThat(result.found())
        .containsExactly(
            "changed_since_sync d/other",
            "changed_since_sync e/",
            "missing d/gone",
            "missing empty/");
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    assertThat(result.items())
        .anySatisfy(
            item -> assertThat(item.message().orElse("")).contains("it leads to b, on record a"));
    world.cycle();
    world.cycle();
    assertThat(checked.check(CheckMode.SIZE).found()).isEmpty();
  }

  @Test
  void aCopyOfTheCatalogThatIsLostOrTornIsNamedAndPutAnew() throws Exception {
    ObjectKey copy = ObjectKey.own("catalog.db");
    byte[] whole = far.open(copy, 0, -1).readAllBytes();
    near.lose(copy);
    CheckedStore.plant(far, copy.value(), Arrays.copyOf(whole, whole.length / 2));
    assertThat(checked.check(CheckMode.SIZE).found())
        .containsExactly("far different .caravan/catalog.db", "near missing .caravan/catalog.db");
    CheckedStore.Result repaired = checked.repair(CheckMode.SIZE);
    assertThat(repaired.error()).contains("2 of them mended");
    world.cycle();
    assertThat(checked.check(CheckMode.SIZE).found()).isEmpty();
    assertThat(near.find(copy)).isPresent();
    int id = world.catalog().remotes().find("near").orElseThrow().id();
    HeldTable held = new HeldTable(world.catalog());
    world.catalog().commit(session -> held.recordBackupOwed(session, id, true));
    CheckedStore.Result old = checked.check(CheckMode.SIZE);
    assertThat(old.found()).containsExactly("near outdated .caravan/catalog.db");
    assertThat(old.state()).as("the next sync renews it").isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void aCopyOfTheCatalogThatCannotBeReadIsAProblemOfItsOwn() {
    near.faults().fail(Faults.Call.OPEN, 1, RemoteException.Cause.SERVER);
    CheckedStore.Result result = checked.check(CheckMode.SIZE);
    assertThat(result.found()).containsExactly("near remote_failed .caravan/catalog.db");
  }
}
