package dev.caravan.restore;

import dev.caravan.event.RunId;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Restores over a mirror in a test. */
public final class RestoreWorld implements AutoCloseable {

  private final SyncWorld world;
  private final Restores restores;
  private final RestoreRuns runs;
  private Optional<String> refusal = Optional.empty();

  public RestoreWorld(SyncWorld world, Remote... remotes) {
    AtomicInteger ids = new AtomicInteger();
    this.world = world;
    this.restores =
        new Restores(
            new Restores.World(
                world.catalog(), world.tree(), List.of(remotes), path -> refusal, RoomMaker.NONE),
            new RestoreMeters(world.meters()),
            world.clock());
    this.runs =
        new RestoreRuns(
            world.catalog(),
            restores,
            Rehydration.NONE,
            world.events(),
            () -> new RunId("restore-" + ids.incrementAndGet()),
            world.clock());
  }

  public Restores restores() {
    return restores;
  }

  public RestoreRuns runs() {
    return runs;
  }

  /** From now on nothing may be written to the store. */
  void refuse(String reason) {
    refusal = Optional.of(reason);
  }

  /** As a purge leaves a file: recorded, and then gone. */
  public void purge(String path) throws IOException {
    world
        .catalog()
        .commit(
            session -> world.catalog().files().recordPurged(session, List.of(StorePath.of(path))));
    Files.delete(world.path(path));
  }

  @Override
  public void close() {
    restores.close();
  }
}
