package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.Owner;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many who read at once, remotes that do not answer, and what a restore could not set. */
class ReadersTest {

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private final MemoryRemote far = new MemoryRemote("far");
  private SyncWorld world;
  private RestoreWorld restore;

  @BeforeEach
  void open() throws IOException {
    world = SyncWorld.of(store, near, far);
    restore = new RestoreWorld(world, near, far);
    world.write("e/c", "content of e/c");
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @AfterEach
  void close() {
    restore.close();
    world.close();
  }

  private void cycles() {
    for (int i = 0; i < 3; i++) {
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    }
  }

  @Test
  void aNameThatNoFileSystemTakesIsUnknown() {
    for (String path :
        List.of("x".repeat(256), "d/" + "x".repeat(5_000), "x/".repeat(3_000) + "x")) {
      assertThatThrownBy(() -> Restores.await(restore.restores().begin(StorePath.of(path))))
          .isInstanceOfSatisfying(
              RestoreException.class,
              fault -> assertThat(fault.reason()).isEqualTo(RestoreException.Reason.UNKNOWN));
    }
  }

  @Test
  void whoListensIsToldOnceOfAFileThatCameForItsReaders() throws Exception {
    restore.purge("e/c");
    List<String> told = new ArrayList<>();
    Runnable end = world.events().listen(event -> told.add(event.kind() + " " + event.fields()));
    for (int i = 0; i < 3; i++) {
      Restores.await(restore.restores().begin(StorePath.of("e/c")));
    }
    end.run();
    assertThat(told).containsExactly("file {path=e/c, change=restored, remote=near}");
  }

  @Test
  void runsAreCountedByHowTheyEnd() throws Exception {
    RestoreRequest request =
        new RestoreRequest(
            Trigger.MANUAL, List.of("e", "nowhere"), Optional.empty(), Optional.empty(), false);
    restore.purge("e/c");
    assertThat(restore.runs().request(request)).isPresent();
    RestoreRun run = restore.runs().beginWaiting().orElseThrow();
    run.plan();
    run.getFiles().forEachRemaining(file -> run.bring((RestoreBatch) file));
    restore.runs().end(run);
    assertThat(ended("partial")).isEqualTo(1);
    assertThat(ended("succeeded")).isZero();
  }

  private double ended(String state) {
    return world
        .meters()
        .get("caravan.runs")
        .tags("operation", "restore", "state", state)
        .counter()
        .count();
  }

  @Test
  void anOwnerThatCouldNotBeSetStaysOnRecordUntilSomebodyChangesIt() throws Exception {
    cycles();
    NodeTable table = new NodeTable(world.catalog());
    NodeRow known = table.findFolder(StorePath.of("e")).orElseThrow();
    // As a restore leaves it that may not give folders away.
    NodeRow source =
        new NodeRow(
            known.path(),
            known.target(),
            known.mode(),
            Optional.of(new Owner(4_321, 4_321)),
            known.modifiedNs(),
            true,
            0,
            false,
            Optional.empty());
    world.catalog().commit(session -> table.record(session, List.of(source.standingAs(known))));
    cycles();
    assertThat(table.findFolder(known.path()).orElseThrow().owner()).isEqualTo(source.owner());
    Files.setPosixFilePermissions(world.path("e"), PosixFilePermissions.fromString("rwx--x--x"));
    cycles();
    assertThat(table.findFolder(known.path()).orElseThrow())
        .as("a person's change counts whole")
        .matches(row -> row.owner().equals(known.owner()) && (row.mode() & 0777) == 0711);
  }

  @Test
  void aRemoteThatDoesNotAnswerIsAskedOnceForAllWhoWait() throws Exception {
    near.faults().failAll(Faults.Call.PROBE, RemoteException.Cause.NETWORK);
    Contacts contacts = new Contacts();
    long asked = System.nanoTime();
    for (int i = 0; i < 500; i++) {
      assertThatThrownBy(() -> contacts.ensure(near, asked)).isInstanceOf(RemoteException.class);
    }
    assertThat(near.faults().happened()).isEqualTo(1);
    assertThatThrownBy(() -> contacts.ensure(near, System.nanoTime()))
        .isInstanceOf(RemoteException.class);
    assertThat(near.faults().happened()).as("who asks later has it asked again").isEqualTo(2);
    near.faults().clear();
    contacts.ensure(near, System.nanoTime());
    contacts.ensure(near, asked);
  }

  @Test
  void manyReadersOfFoldersEachSeeEveryFileOnceAndInOrder() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      names.add("many/f%02d".formatted(i));
      world.write(names.get(i), "content " + i);
    }
    cycles();
    for (String name : names) {
      restore.purge(name);
    }
    Map<Integer, List<String>> told = new ConcurrentHashMap<>();
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      List<String> mine = new ArrayList<>();
      told.put(i, mine);
      readers.add(restore.restores().read("many", (path, brought) -> mine.add(path.value())));
    }
    for (CompletableFuture<Void> reader : readers) {
      reader.get(60, TimeUnit.SECONDS);
    }
    assertThat(told.values()).allMatch(names::equals);
    assertThat(world.meters().get("caravan.restores").tag("outcome", "restored").counter().count())
        .as("each file is brought once")
        .isEqualTo(100);
  }

  private List<String> read(String root) throws Exception {
    List<String> told = new ArrayList<>();
    restore
        .restores()
        .read(root, (path, brought) -> told.add(path + " " + brought.from().isPresent()))
        .get(60, TimeUnit.SECONDS);
    return told;
  }

  @Test
  void aFolderThatNoCycleHasSeenYetIsThereWithItsFiles() throws Exception {
    for (int i = 0; i < 100; i++) {
      world.write("new/d%02d/f".formatted(i), "x");
    }
    world.write("new-not", "x");
    Files.createSymbolicLink(world.path("new/link"), Path.of("d00/f"));
    Files.createDirectories(world.path("empty/below"));
    List<String> told = read("new");
    assertThat(told).hasSize(100).startsWith("new/d00/f false").endsWith("new/d99/f false");
    assertThat(read("empty")).isEmpty();
    assertThat(read("new/d07")).containsExactly("new/d07/f false");
    Files.createSymbolicLink(world.path("linked"), Path.of("new"));
    for (String none : List.of("linked", ".caravan", "nowhere", "new/d00/f/below")) {
      assertThatThrownBy(() -> read(none)).as(none).hasCauseInstanceOf(RestoreException.class);
    }
  }

  @Test
  void aFolderWhoseFilesItsOwnerDeletedIsEmpty() throws Exception {
    Files.delete(world.path("e/c"));
    assertThat(read("e")).isEmpty();
    Files.delete(world.path("e"));
    assertThatThrownBy(() -> read("e")).hasCauseInstanceOf(RestoreException.class);
  }
}
