package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.lab.Mount;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.restore.RestoreException.Reason;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up while files come back: a clear word, and nothing left behind. */
class FullDiskTest {

  private static final String BIG = "x".repeat(300 << 10);

  @TempDir Path store;

  @Test
  void whatFindsNoRoomSaysSoAndLeavesNothing() throws Exception {
    // The folder has a disk of its own, so that the store's disk seems to have room.
    Path folder = Files.createDirectory(store.resolve("d"));
    MemoryRemote remote = new MemoryRemote("remote");
    try (Mount disk = Mount.on(folder, "caravan-full", 1);
        SyncWorld world = SyncWorld.of(store, remote);
        RestoreWorld restore = new RestoreWorld(world, remote)) {
      for (String name : List.of("d/a", "d/b")) {
        world.write(name, BIG);
      }
      world.write("d/c", "small");
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
      for (String name : List.of("d/a", "d/b", "d/c")) {
        restore.purge(name);
      }
      world.write("d/filler", "y".repeat(900 << 10));

      Map<String, RestoreException> failed = restore.bringAll();
      assertThat(failed.keySet()).containsExactly("d/a", "d/b");
      assertThat(failed.values())
          .extracting(RestoreException::reason)
          .containsOnly(Reason.NO_SPACE);
      assertThat(names(folder)).containsExactlyInAnyOrder("c", "filler");
      assertThat(refusalOf(restore, "d/a")).isEqualTo(Reason.NO_SPACE);
      assertThat(names(folder)).containsExactlyInAnyOrder("c", "filler");
      assertThat(world.file("d/a").state()).isEqualTo("purged");

      world.delete("d/filler");
      assertThat(restore.bringAll()).isEmpty();
      assertThat(names(folder)).containsExactlyInAnyOrder("a", "b", "c");
      assertThat(world.path("d/a")).hasContent(BIG);
    }
  }

  private static Reason refusalOf(RestoreWorld restore, String path) {
    return catchThrowableOfType(
            RestoreException.class,
            () -> Restores.await(restore.restores().begin(StorePath.of(path))))
        .reason();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
