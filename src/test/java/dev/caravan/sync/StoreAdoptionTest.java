package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.RunBook;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.detect.StoreGuard;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new machine becomes what the old one was, whatever the remotes and an earlier try left. */
class StoreAdoptionTest {

  @TempDir Path old;
  @TempDir Path fresh;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");

  /** The far remote missed the second version of {@code p}. */
  @BeforeEach
  void mirror() throws Exception {
    try (SyncWorld world = SyncWorld.of(old, near, far)) {
      world.write("p", "first");
      world.write("q", "other");
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
      far.down(true);
      world.write("p", "second version");
      world.cycle();
      world.cycle();
      far.down(false);
    }
  }

  private static Optional<String> adopt(SyncWorld world) throws Exception {
    StoreGuard guard = new StoreGuard(world.tree(), world.catalog(), UUID::randomUUID);
    StoreAdoption adoption =
        new StoreAdoption(
            world.catalog(), world.tree(), guard, world.mirror().roster(), world.clock());
    if (!adoption.isPossible()) {
      return Optional.empty();
    }
    RunBook book =
        world.mirror().queue().beginOwn(new SyncRequest(Trigger.MANUAL, false).wish()).book();
    try {
      return adoption.adopt(book, Optional.empty());
    } finally {
      world.mirror().queue().end(book, RunState.SUCCEEDED, Optional.empty());
    }
  }

  private SyncWorld machine(Remote... remotes) {
    return SyncWorld.of(fresh, remotes);
  }

  @Test
  void theNewestCopyOfTheCatalogDecidesWhichVersionIsTheFile() throws Exception {
    try (SyncWorld world = machine(far, near)) {
      assertThat(adopt(world)).isPresent();
      assertThat(world.file("p").state()).isEqualTo("purged");
      assertThat(world.file("p").sha256())
          .contains(FlakyRemote.sha256("second version".getBytes()));
      assertThat(world.file("q").state()).isEqualTo("purged");
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
      assertThat(near.text("p")).isEqualTo("second version");
      assertThat(near.text("q")).isEqualTo("other");
    }
  }

  @Test
  void anAdoptionThatBrokeOffIsDoneAgain() throws Exception {
    try (SyncWorld world = machine(near, far)) {
      far.breakAfter(4, FlakyRemote.Break.BEFORE, RemoteException.Cause.NETWORK);
      assertThatThrownBy(() -> adopt(world)).isInstanceOf(RemoteException.class);
      far.mend();
      assertThat(adopt(world)).isPresent();
      assertThat(world.files()).hasSize(2);
      assertThat(adopt(world)).as("there are files by now").isEmpty();
    }
  }

  @Test
  void aDaemonThatCameTooEarlyIsForgiven() throws Exception {
    FlakyRemote empty = new FlakyRemote("empty");
    try (SyncWorld world = machine(empty, near)) {
      assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
      assertThat(adopt(world)).isPresent();
      assertThat(world.file("p").state()).isEqualTo("purged");
      assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    }
  }

  @Test
  void aStoreWithFilesIsNoNewMachine() throws Exception {
    try (SyncWorld world = machine(near)) {
      world.write("mine", "x");
      assertThat(adopt(world)).isEmpty();
    }
  }
}
