package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.SyncWorld;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An earlier version takes the place of nothing, neither on the disk nor at a remote. */
class PastFetchTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private SyncWorld world;
  private RestoreWorld restore;
  private Instant then = Instant.EPOCH;

  /** The first version lies in the trash of both remotes, the second in its place. */
  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near, far);
    restore = new RestoreWorld(world, near, far);
    write("first");
    then = world.clock().instant();
    world.clock().advance(Duration.ofHours(1));
    world.delete("a");
    world.write("b", "stays");
    world.cycle();
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("b");
    world.clock().advance(Duration.ofHours(1));
    write("second");
  }

  private void write(String text) throws Exception {
    Files.setLastModifiedTime(world.write("a", text), FileTime.fromMillis(1_000_000));
    world.write("b", "stays");
    world.cycle();
    assertThat(near.text("a")).isEqualTo(text);
    world.clock().advance(Duration.ofMinutes(1));
  }

  @AfterEach
  void close() {
    restore.close();
    world.close();
  }

  private Optional<PastFetch.Delivery> bring() throws RestoreException {
    PastFile file =
        restore.restores().past("a", Optional.empty(), then, (remote, fault) -> {}).next().get();
    return restore.restores().pastFetch(then, () -> false).bring(file);
  }

  @Test
  void whatIsMissingAndNotYetKnownToBeIsNotReplacedAtTheRemotes() throws Exception {
    world.delete("a");
    assertThatThrownBy(this::bring).hasMessageContaining("another version");
    world.cycle();
    assertThatThrownBy(this::bring).hasMessageContaining("another version");
    assertThat(world.path("a")).doesNotExist();
  }

  @Test
  void whatOneRemoteWasNotYetToldToDeleteIsNotReplacedThere() throws Exception {
    world.delete("a");
    world.cycle();
    far.down(true);
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("b");
    assertThatThrownBy(this::bring).hasMessageContaining("another version");
    far.down(false);
    world.manual();
    assertThat(far.files()).containsOnlyKeys("b");
    assertThat(bring().orElseThrow().from()).isEqualTo("near");
    assertThat(world.path("a")).hasContent("first");
  }
}
