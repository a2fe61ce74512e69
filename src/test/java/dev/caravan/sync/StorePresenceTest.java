package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.StorePath;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.detect.StoreGuard;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorePresenceTest {

  @TempDir Path store;

  @Test
  void aFileOfADiskThatIsAwayIsNotWrittenBelowItsMountPoint() throws Exception {
    try (SyncWorld world = SyncWorld.of(store, new FlakyRemote("near"))) {
      world.write("disk2x/a", "a");
      world.cycle();
      world
          .catalog()
          .commit(session -> world.catalog().recordMeta(session, "mounts", "disk2\nother"));
      StoreGuard guard = new StoreGuard(world.tree(), world.catalog(), UUID::randomUUID);
      StorePresence presence = new StorePresence(world.catalog(), world.tree(), guard);
      assertThat(presence.findRefusal(StorePath.of("disk2/d/x")).orElseThrow())
          .contains("disk2/d/x", "not mounted");
      assertThat(presence.findRefusal(StorePath.of("disk2x/a"))).isEmpty();
      assertThat(presence.findAbsence()).isPresent();
    }
  }

  @Test
  void aStoreThatGoesAwayIsNoticedAMomentLaterAndOneThatComesBackAtOnce() throws Exception {
    StorePath path = StorePath.of("a");
    try (SyncWorld world = SyncWorld.of(store, new FlakyRemote("near"))) {
      world.write("a", "a");
      world.cycle();
      StoreGuard guard = new StoreGuard(world.tree(), world.catalog(), UUID::randomUUID);
      StorePresence presence = new StorePresence(world.catalog(), world.tree(), guard);
      assertThat(presence.findRefusal(path)).isEmpty();
      Path marker = world.tree().stateFolder().resolve("store.id");
      Path aside = marker.resolveSibling("aside");
      Files.move(marker, aside);
      await().until(() -> presence.findRefusal(path).isPresent());
      assertThat(presence.findRefusal(path).orElseThrow()).contains("is gone from");
      Files.move(aside, marker);
      assertThat(presence.findRefusal(path)).isEmpty();
    }
  }
}
