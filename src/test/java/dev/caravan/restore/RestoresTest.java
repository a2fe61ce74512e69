package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.node.NodeTable;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.restore.RestoreException.Reason;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What left the disk comes back, whole and as it was, or a reason does. */
class RestoresTest {

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private final MemoryRemote far = new MemoryRemote("far");
  private SyncWorld world;
  private RestoreWorld restore;

  @BeforeEach
  void open() throws IOException {
    world = SyncWorld.of(store, near, far);
    restore = new RestoreWorld(world, near, far);
    for (String name : List.of("d/a", "d/b", "e/c")) {
      Path file = world.write(name, "content of " + name);
      Files.setLastModifiedTime(file, FileTime.from(1_500_000_000, TimeUnit.SECONDS));
    }
    Files.setPosixFilePermissions(world.path("d/a"), PosixFilePermissions.fromString("rwxr-x---"));
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @AfterEach
  void close() {
    restore.close();
    world.close();
  }

  private Restores.Brought bring(String path) throws RestoreException {
    return Restores.await(restore.restores().begin(StorePath.of(path)));
  }

  private Reason refusalOf(String path) {
    return catchThrowableOfType(RestoreException.class, () -> bring(path)).reason();
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> all = Files.walk(store)) {
      return all.map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(".caravan-"))
          .toList();
    }
  }

  private String permissionsOf(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(world.path(path)));
  }

  private void cycles() {
    for (int i = 0; i < 3; i++) {
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    }
  }

  @Test
  void theFolderThatAReadMakesIsAsItWas() throws Exception {
    Files.setPosixFilePermissions(world.path("e"), PosixFilePermissions.fromString("rwx-wx--x"));
    Files.setLastModifiedTime(world.path("e"), FileTime.from(1_400_000_000, TimeUnit.SECONDS));
    cycles();
    restore.purge("e/c");
    Files.delete(world.path("e"));
    // Its files are away: the folder is not forgotten with its place on the disk.
    cycles();
    bring("e/c");
    assertThat(permissionsOf("e")).isEqualTo("rwx-wx--x");
    assertThat(Files.getLastModifiedTime(world.path("e")).to(TimeUnit.SECONDS))
        .isEqualTo(1_400_000_000);
    cycles();
    assertThat(new NodeTable(world.catalog()).findFolder(StorePath.of("e")).orElseThrow())
        .matches(row -> (row.mode() & 0777) == 0731 && row.here() && !row.unfinished());
  }

  @Test
  void whatAKilledRestoreBeganIsNotTakenForTheTruth() throws Exception {
    Files.setPosixFilePermissions(world.path("e"), PosixFilePermissions.fromString("rwxrwx--x"));
    cycles();
    restore.purge("e/c");
    Files.delete(world.path("e"));
    cycles();
    // The folders are made, and then the process ends.
    begunFolders().makeFolders("", () -> false);
    assertThat(permissionsOf("e")).isEqualTo("rwx------");
    cycles();
    NodeRestore again = begunFolders();
    again.makeFolders("", () -> false);
    again.finish();
    assertThat(permissionsOf("e")).isEqualTo("rwxrwx--x");
    assertThat(again.folders()).as("made by the first").isZero();
    cycles();
    assertThat(new NodeTable(world.catalog()).findFolder(StorePath.of("e")).orElseThrow())
        .matches(row -> (row.mode() & 0777) == 0771 && row.here() && !row.unfinished());
  }

  private NodeRestore begunFolders() {
    return restore
        .restores()
        .nodes(
            new NodeRestore.Listener() {
              @Override
              public void lacking(StorePath path, List<String> lacking) {
                throw new AssertionError(path + " lacks " + lacking);
              }

              @Override
              public void failed(StorePath path, String message) {
                throw new AssertionError(path + ": " + message);
              }
            });
  }

  @Test
  void aFileComesBackAsItWas() throws Exception {
    restore.purge("d/a");
    Restores.Brought brought = bring("d/a");
    assertThat(brought.from()).contains("near");
    assertThat(world.path("d/a")).hasContent("content of d/a");
    assertThat(Files.getLastModifiedTime(world.path("d/a")).to(TimeUnit.SECONDS))
        .isEqualTo(1_500_000_000);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(world.path("d/a"))))
        .isEqualTo("rwxr-x---");
    assertThat(world.file("d/a").state()).isEqualTo("synced");
    assertThat(bring("d/a").from()).as("it is there now").isEmpty();
    assertThat(world.cycle().report()).contains("\"uploaded\":0");
  }

  @Test
  void aReadBringsWhatIsMissingBelowAFolderAndNoMore() throws Exception {
    restore.purge("d/a");
    restore.purge("e/c");
    List<String> told = new ArrayList<>();
    restore
        .restores()
        .read("d", (path, brought) -> told.add(path + " " + brought.from().isPresent()))
        .join();
    assertThat(told).containsExactly("d/a true", "d/b false");
    assertThat(world.path("e/c")).doesNotExist();
    restore.restores().read("", (path, brought) -> told.add(path.value())).join();
    assertThat(told).hasSize(5).endsWith("d/a", "d/b", "e/c");
  }

  @Test
  void aFileThatNoCycleHasSeenYetIsThere() throws Exception {
    world.write("new", "x");
    assertThat(bring("new").from()).isEmpty();
    List<String> told = new ArrayList<>();
    restore.restores().read("new", (path, brought) -> told.add(path.value())).join();
    assertThat(told).containsExactly("new");
    assertThat(refusalOf("nowhere")).isEqualTo(Reason.UNKNOWN);
    assertThat(refusalOf("d")).isEqualTo(Reason.UNKNOWN);
    assertThat(refusalOf(".caravan/catalog.db")).isEqualTo(Reason.UNKNOWN);
  }

  @Test
  void theNextRemoteIsAskedWhenOneFailsOrDeliversWrongBytes() throws Exception {
    restore.purge("d/a");
    near.faults().fail(Faults.Call.OPEN, 1, RemoteException.Cause.SERVER);
    assertThat(bring("d/a").from()).contains("far");
    restore.purge("d/b");
    near.lose(ObjectKey.of(StorePath.of("d/b")));
    assertThat(bring("d/b").from()).contains("far");
    restore.purge("e/c");
    swap(near, "e/c", "d/a");
    assertThat(bring("e/c").from()).contains("far");
    assertThat(world.path("e/c")).hasContent("content of e/c");
  }

  /** The remote silently has other bytes of the same length under a name. */
  private static void swap(MemoryRemote remote, String key, String from) throws RemoteException {
    remote.move(Map.of(ObjectKey.of(StorePath.of(from)), ObjectKey.of(StorePath.of(key))));
  }

  @Test
  void aFileThatNoRemoteDeliversStaysAwayAndLeavesNothingBehind() throws Exception {
    restore.purge("d/a");
    near.faults().failAll(Faults.Call.OPEN, RemoteException.Cause.NETWORK);
    far.faults().failAll(Faults.Call.OPEN, RemoteException.Cause.NETWORK);
    assertThat(refusalOf("d/a")).isEqualTo(Reason.UNAVAILABLE);
    assertThat(world.path("d/a")).doesNotExist();
    assertThat(leftovers()).isEmpty();
    assertThat(world.file("d/a").state()).isEqualTo("purged");
    near.faults().clear();
    assertThat(bring("d/a").from()).contains("near");
  }

  @Test
  void whatItsOwnerMakesMeanwhileIsNeverReplaced() throws Exception {
    restore.purge("d/a");
    near.faults().before(Faults.Call.OPEN, 1, () -> restore.written("d/a", "the owner's"));
    assertThat(bring("d/a").from()).isEmpty();
    assertThat(world.path("d/a")).hasContent("the owner's");
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aFolderInPlaceOfAFileIsToldAndStays() throws Exception {
    restore.purge("e/c");
    Files.createDirectory(world.path("e/c"));
    RestoreException refused = catchThrowableOfType(RestoreException.class, () -> bring("e/c"));
    assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
    assertThat(refused).hasMessage("e/c is a folder in the store: move that away first");
    Files.delete(world.path("e/c"));
    assertThat(bring("e/c").stat().path()).isEqualTo(StorePath.of("e/c"));
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void nothingIsWrittenToAStoreThatIsNotThere() throws Exception {
    restore.purge("d/a");
    restore.refuse("the disk is not mounted");
    assertThat(refusalOf("d/a")).isEqualTo(Reason.REFUSED);
    assertThat(world.path("d/a")).doesNotExist();
  }

  @Test
  void fiveHundredReadersCauseOneDownload() throws Exception {
    restore.purge("d/a");
    CountDownLatch all = new CountDownLatch(1);
    near.faults().before(Faults.Call.OPEN, 1, () -> waitFor(all));
    near.faults().fail(Faults.Call.OPEN, 2, RemoteException.Cause.SERVER);
    List<CompletableFuture<Restores.Brought>> readers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      readers.add(restore.restores().begin(StorePath.of("d/a")));
    }
    all.countDown();
    for (CompletableFuture<Restores.Brought> reader : readers) {
      assertThat(Restores.await(reader).from()).contains("near");
    }
    assertThat(restore.restores().isUnderway(StorePath.of("d/a"))).isFalse();
  }

  @Test
  void whoWaitsForATurnWhenCaravanStopsIsToldSo() throws Exception {
    int atOnce = 8;
    CountDownLatch entered = new CountDownLatch(atOnce);
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < 20; i++) {
      world.write("many/" + i, "content " + i);
    }
    world.cycle();
    for (int i = 1; i <= atOnce; i++) {
      near.faults()
          .before(
              Faults.Call.OPEN,
              i,
              () -> {
                entered.countDown();
                waitFor(never);
              });
    }
    List<CompletableFuture<Restores.Brought>> readers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      restore.purge("many/" + i);
      readers.add(restore.restores().begin(StorePath.of("many/" + i)));
    }
    waitFor(entered);
    restore.restores().close();
    readers.add(restore.restores().begin(StorePath.of("d/a")));
    for (CompletableFuture<Restores.Brought> reader : readers.subList(atOnce, readers.size())) {
      assertThat(reader)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(RestoreException.class)
          .withMessageContaining("Caravan is stopping");
    }
    assertThat(readers.subList(0, atOnce))
        .allSatisfy(reader -> assertThat(reader).failsWithin(Duration.ofSeconds(10)));
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aRunBringsBackWhatItWasAskedForAndIsOnRecord() throws Exception {
    restore.purge("d/a");
    restore.purge("d/b");
    restore.purge("e/c");
    near.lose(ObjectKey.of(StorePath.of("d/b")));
    far.lose(ObjectKey.of(StorePath.of("d/b")));
    RestoreRun run = restore.run("d", "nowhere");
    assertThat(run.state(false)).isEqualTo(RunState.PARTIAL);
    assertThat(run.book().count(RunCount.RESTORED)).isEqualTo(1);
    assertThat(run.book().count(RunCount.FAILED)).isEqualTo(2);
    assertThat(world.path("d/a")).exists();
    assertThat(world.path("e/c")).doesNotExist();
    assertThat(restore.run("").state(false)).as("one cannot be had").isEqualTo(RunState.PARTIAL);
    assertThat(world.path("e/c")).exists();
  }

  @Test
  void readingWhatIsThereWaitsForNoRestore() throws Exception {
    int restores = 8;
    for (int i = 0; i < restores; i++) {
      world.write("slow/" + i, "content " + i);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    CountDownLatch under = new CountDownLatch(restores);
    CountDownLatch release = new CountDownLatch(1);
    List<CompletableFuture<Restores.Brought>> slow = new ArrayList<>();
    for (int i = 0; i < restores; i++) {
      restore.purge("slow/" + i);
      near.faults()
          .before(
              Faults.Call.OPEN,
              i + 1,
              () -> {
                under.countDown();
                await(release);
              });
    }
    for (int i = 0; i < restores; i++) {
      slow.add(restore.restores().begin(StorePath.of("slow/" + i)));
    }
    try {
      await(under);
      assertThat(restore.restores().begin(StorePath.of("d/a")).get(20, TimeUnit.SECONDS).from())
          .isEmpty();
      assertThat(slow).noneMatch(CompletableFuture::isDone);
    } finally {
      release.countDown();
    }
    for (CompletableFuture<Restores.Brought> each : slow) {
      assertThat(each.get(20, TimeUnit.SECONDS).from()).isPresent();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRestoreOfOnesOwnPathsLeavesWhatOthersWaitForAlone() throws Exception {
    RestoreRequest waiting =
        new RestoreRequest(
            Trigger.MANUAL, List.of("theirs"), Optional.empty(), Optional.empty(), false);
    RestoreRequest own =
        new RestoreRequest(
            Trigger.HOOK, List.of("mine"), Optional.empty(), Optional.empty(), false);
    RestoreRuns.Ticket theirs = restore.runs().request(waiting).orElseThrow();
    RestoreRun first = restore.runs().begin(own);
    assertThat(first.book().id()).isNotEqualTo(theirs.run());
    assertThat(restore.runs().end(first)).as("another waits").isTrue();
    RestoreRun second = restore.runs().beginWaiting().orElseThrow();
    assertThat(second.book().id()).isEqualTo(theirs.run());
    restore.runs().end(second);
    assertThat(restore.runs().beginWaiting()).isEmpty();
  }
}
