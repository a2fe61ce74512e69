package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ways to lose the source. After each, several cycles run; nothing may vanish from its place at the
 * remote, not even into the trash, and a person must be told why.
 */
@Execution(ExecutionMode.CONCURRENT)
class LoseTheSourceIT {

  private static final int FILES = 400;

  @TempDir Path folder;
  private final Deque<Path> mounts = new ArrayDeque<>();
  private CaravanSetup caravan;

  /** What happens to the store, and how the cycles after it may exit. */
  enum Loss {
    EMPTIED(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        for (int i = 0; i < FILES / 100; i++) {
          Trees.remove(world.store().resolve("d00" + i), false);
        }
      }
    },
    EMPTIED_WITH_CARAVANS_OWN_FOLDER(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Trees.remove(world.store(), true);
      }
    },
    UNMOUNTED(Set.of(4)) {
      @Override
      void prepare(LoseTheSourceIT world) throws IOException {
        world.mount(world.store());
      }

      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        world.unmountAll();
      }
    },
    UNMOUNTED_WITH_THE_STATE_ELSEWHERE(Set.of(4)) {
      @Override
      void prepare(LoseTheSourceIT world) throws IOException {
        world.mount(world.store());
        world.caravan.set("store.state=" + Files.createDirectories(world.folder.resolve("state")));
      }

      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        world.unmountAll();
      }
    },
    ANOTHER_FOLDER_WITH_THE_SAME_REMOTE(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Path other = world.folder.resolve("other");
        Trees.write(other.resolve("d000/f00001.bin"), "another file of the same name");
        world.caravan.set("store.path=" + other);
      }
    },
    ANOTHER_FOLDER_WITH_THE_SAME_STATE(Set.of(4)) {
      @Override
      void prepare(LoseTheSourceIT world) throws IOException {
        world.caravan.set("store.state=" + Files.createDirectories(world.folder.resolve("state")));
      }

      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Path other = world.folder.resolve("other");
        Trees.write(other.resolve("mine.txt"), "a file of another store");
        world.caravan.set("store.path=" + other);
      }
    },
    VANISHED(Set.of(1, 2, 4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Files.move(world.store(), world.folder.resolve("elsewhere"));
      }
    },
    RENAMED_AND_AN_EMPTY_ONE_IN_ITS_PLACE(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Files.move(world.store(), world.folder.resolve("elsewhere"));
        Files.createDirectory(world.store());
      }
    },
    MARKER_DELETED(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Files.delete(world.store().resolve(".caravan/store.id"));
        world.deleteFive();
      }
    },
    MARKER_OF_ANOTHER_STORE(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Path marker = world.store().resolve(".caravan/store.id");
        Files.writeString(marker, UUID.randomUUID() + "\n");
        world.deleteFive();
      }
    },
    PERMISSION_REMOVED(Set.of(1, 2, 4)) {
      @Override
      void prepare(LoseTheSourceIT world) throws IOException {
        world.caravan.asUser("nobody");
        Permissions.giveTo("nobody", world.folder);
      }

      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Permissions.chmod("000", world.store());
      }
    },
    HALF_READABLE(Set.of(3, 4)) {
      @Override
      void prepare(LoseTheSourceIT world) throws IOException {
        world.caravan.asUser("nobody");
        Permissions.giveTo("nobody", world.folder);
      }

      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Permissions.chmod("000", world.store().resolve("d001"));
        Permissions.chmod("444", world.store().resolve("d002"));
      }
    },
    INCLUDE_TYPO(Set.of(0, 4)) {
      @Override
      void strike(LoseTheSourceIT world) {
        world.caravan.set("store.include=[\"**/*.bni\"]");
      }
    },
    EXCLUDE_TYPO(Set.of(0, 4)) {
      @Override
      void strike(LoseTheSourceIT world) {
        world.caravan.set("store.exclude=[\"**\"]");
      }
    },
    A_QUARTER_DELETED(Set.of(4)) {
      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        world.deleteAQuarter();
      }
    },
    LINK_SWAPPED(Set.of(1, 2, 4)) {
      @Override
      void prepare(LoseTheSourceIT world) throws IOException {
        Files.move(world.store(), world.folder.resolve("real"));
        Files.createSymbolicLink(world.store(), world.folder.resolve("real"));
      }

      @Override
      void strike(LoseTheSourceIT world) throws IOException {
        Files.delete(world.store());
        Files.createSymbolicLink(
            world.store(), Files.createDirectory(world.folder.resolve("empty")));
      }
    };

    private final Set<Integer> exits;

    Loss(Set<Integer> exits) {
      this.exits = exits;
    }

    void prepare(LoseTheSourceIT world) throws IOException {}

    /** A store that is gone has taken its catalog along; what can be said is that it is gone. */
    String shownAs() {
      return this == VANISHED ? "is not there" : "halted";
    }

    abstract void strike(LoseTheSourceIT world) throws IOException;
  }

  @BeforeEach
  void setUp() {
    caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
  }

  @AfterEach
  void unmountAll() throws IOException {
    while (!mounts.isEmpty()) {
      Permissions.unmount(mounts.pop());
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostAtTheRemoteAndSomebodyIsTold(Loss loss) throws Exception {
    loss.prepare(this);
    SortedMap<String, Trees.Entry> mirrored = fillAndSync();

    loss.strike(this);
    Outcome last = caravan.cli("sync");
    for (int look = 0; look < 2; look++) {
      assertThat(Mirrored.lost(mirrored, caravan.remote())).as("%s", last).isEmpty();
      last = caravan.cli("sync");
    }

    assertThat(Mirrored.lost(mirrored, caravan.remote())).as("%s", last).isEmpty();
    assertThat(last.exitCode()).as("%s", last).isIn(loss.exits);
    if (last.exitCode() != 0) {
      assertThat(last.complaints()).as("%s", last).isNotEmpty();
      assertThat(last.err()).doesNotContain("\tat ");
    }
    if (last.exitCode() == 4) {
      Outcome status = caravan.cli("status");
      assertThat(status.out()).as("%s", status).containsIgnoringCase(loss.shownAs());
    }
  }

  @Test
  void aHaltIsSeenAndApprovedThroughTheApiAfterARestart() throws Exception {
    SortedMap<String, Trees.Entry> mirrored = fillAndSync();
    try (CaravanProcess daemon = caravan.start()) {
      deleteAQuarter();
      awaitHalt(daemon, "max_delete");
      daemon.sync("{}");
      assertThat(Mirrored.lost(mirrored, caravan.remote())).isEmpty();
      assertThat(daemon.terminate(Duration.ofSeconds(10))).isIn(0, 143);
    }
    try (CaravanProcess daemon = caravan.start()) {
      awaitHalt(daemon, "max_delete");
      assertThat(Mirrored.lost(mirrored, caravan.remote())).isEmpty();
      Answer approved = daemon.sync("{\"accept_halt\":true}");
      assertThat(approved.status()).as("%s", approved).isEqualTo(200);
      Mirrored.await(store(), caravan.remote(), Duration.ofSeconds(20), daemon);
      daemon.await("/api/storage", Duration.ofSeconds(10), a -> !isHalted(a.json()));
    }
    assertThat(trashed()).as("deleted by their owner, kept in the trash").isEqualTo(FILES / 4);
  }

  @Test
  void anApprovalIsForOnePlanOnly() throws Exception {
    SortedMap<String, Trees.Entry> mirrored = fillAndSync();
    try (CaravanProcess daemon = caravan.start()) {
      deleteAQuarter();
      awaitHalt(daemon, "max_delete");
      daemon.sync("{\"accept_halt\":true}");
      Mirrored.await(store(), caravan.remote(), Duration.ofSeconds(20), daemon);
      var smaller = Trees.snapshot(caravan.remote());
      assertThat(smaller).hasSizeLessThan(mirrored.size());

      Files.move(store().resolve("d003"), folder.resolve("gone too"));
      awaitHalt(daemon, "max_delete");
      daemon.sync("{}");
      assertThat(Mirrored.lost(smaller, caravan.remote())).isEmpty();
    }
  }

  @Test
  void aStoreThatComesBackGoesOnWithoutAnApproval() throws Exception {
    SortedMap<String, Trees.Entry> mirrored = fillAndSync();
    try (CaravanProcess daemon = caravan.start()) {
      Files.move(store(), folder.resolve("elsewhere"));
      Files.createDirectory(store());
      daemon.sync("{}");
      awaitHalt(daemon, "");
      assertThat(Mirrored.lost(mirrored, caravan.remote())).isEmpty();
      Trees.remove(store(), false);
      Files.move(folder.resolve("elsewhere"), store());
      Trees.write(store().resolve("new.txt"), "new");
      daemon.sync("{}");
      Mirrored.await(store(), caravan.remote(), Duration.ofSeconds(20), daemon);
      daemon.await("/api/storage", Duration.ofSeconds(10), a -> !isHalted(a.json()));
    }
  }

  /** So few files that no limit on deletions speaks for them. */
  @Test
  void aDiskWithinTheStoreThatIsAwayDeletesNothingUntilAPersonGivesItUp() throws Exception {
    Path disk = Files.createDirectories(store().resolve("disk"));
    mount(disk);
    fillAndSync();
    for (int i = 0; i < 5; i++) {
      Trees.write(disk.resolve("f" + i), "on the other disk");
    }
    assertThat(caravan.cli("sync").exitCode()).isZero();
    SortedMap<String, Trees.Entry> mirrored = Trees.snapshot(caravan.remote());

    unmountAll();
    Trees.write(disk.resolve("f0"), "below the mount point");
    Trees.write(store().resolve("new.txt"), "new");
    for (int look = 0; look < 3; look++) {
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("%s", sync).isEqualTo(4);
      assertThat(sync.complaints()).as("%s", sync).anyMatch(line -> line.contains("'disk'"));
    }
    assertThat(Mirrored.lost(mirrored, caravan.remote())).isEmpty();
    assertThat(caravan.remote().resolve("disk/f0")).hasContent("on the other disk");
    assertThat(caravan.remote().resolve("new.txt")).hasContent("new");

    assertThat(caravan.cli("sync", "--accept-halt").exitCode()).isZero();
    assertThat(caravan.cli("sync").exitCode()).isZero();
    assertThat(trashed()).as("given up, kept in the trash").isEqualTo(4);
    assertThat(caravan.remote().resolve("disk/f0")).hasContent("below the mount point");
  }

  private SortedMap<String, Trees.Entry> fillAndSync() throws IOException {
    Trees.many(store(), FILES, 50, 11);
    Permissions.run("chmod", "-R", "a+rwX", store().toRealPath().toString());
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    SortedMap<String, Trees.Entry> mirrored = Trees.snapshot(caravan.remote());
    assertThat(mirrored).hasSize(FILES);
    return mirrored;
  }

  private void awaitHalt(CaravanProcess daemon, String reason) {
    Answer storage = daemon.await("/api/storage", Duration.ofSeconds(20), a -> isHalted(a.json()));
    assertThat(storage.json().at("/halted").toString()).contains(reason);
    assertThat(daemon.get("/observe/health/ready").status()).isEqualTo(503);
    daemon.await(
        "/api/runs?state=halted", Duration.ofSeconds(10), a -> !a.json().at("/runs").isEmpty());
  }

  private static boolean isHalted(JsonNode storage) {
    JsonNode halted = storage.at("/halted");
    return !halted.isMissingNode() && !halted.isNull() && !halted.toString().equals("false");
  }

  private long trashed() throws IOException {
    Path trash = caravan.remote().resolve(".caravan/trash");
    return Files.exists(trash) ? Trees.snapshot(trash).size() : 0;
  }

  private Path store() {
    return caravan.store();
  }

  private void mount(Path at) throws IOException {
    Permissions.mountMemory(at, "size=64m");
    mounts.push(at);
  }

  /** So few that only the marker speaks against it. */
  private void deleteFive() throws IOException {
    for (int i = 0; i < 5; i++) {
      Files.delete(store().resolve("d000/f%05d.bin".formatted(i)));
    }
  }

  /** At once, so that no cycle sees half of it. */
  private void deleteAQuarter() throws IOException {
    Files.move(store().resolve("d000"), folder.resolve("gone"));
  }
}
