package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.RunId;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.Remote;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Restores over a mirror in a test. */
public final class RestoreWorld implements AutoCloseable {

  private final SyncWorld world;
  private final Restores restores;
  private final RestoreRuns runs;
  private Optional<String> refusal = Optional.empty();
  private Optional<Runnable> beforeRecord = Optional.empty();

  /** Restores look at it right before they record that files are back. */
  private final class RecordingClock extends Clock {
    @Override
    public Instant instant() {
      Optional<Runnable> due = beforeRecord;
      beforeRecord = Optional.empty();
      due.ifPresent(Runnable::run);
      return world.clock().instant();
    }

    @Override
    public ZoneId getZone() {
      return world.clock().getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  public RestoreWorld(SyncWorld world, Remote... remotes) {
    AtomicInteger ids = new AtomicInteger();
    this.world = world;
    this.restores =
        new Restores(
            new Restores.World(
                world.catalog(), world.tree(), List.of(remotes), path -> refusal, RoomMaker.NONE),
            new RestoreMeters(world.meters()),
            world.events(),
            new RecordingClock());
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

  /** What happens once, when files have appeared that are not on record yet. */
  void beforeRecord(Runnable what) {
    beforeRecord = Optional.of(what);
  }

  /** True until it has happened. */
  boolean isRecordAwaited() {
    return beforeRecord.isPresent();
  }

  /** A file that its owner makes while something else goes on. */
  void written(String path, String text) {
    try {
      world.write(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on nothing may be written to the store. */
  void refuse(String reason) {
    refusal = Optional.of(reason);
  }

  /** Brings all that left the disk, together; answers with what could not be, and why. */
  Map<String, RestoreException> bringAll() {
    List<FileRow> rows = new RestoreTable(world.catalog()).below("", Optional.empty(), 100, false);
    Map<String, RestoreException> failed = new TreeMap<>();
    restores.bring(
        new RestoreBatch(rows),
        Optional.empty(),
        () -> false,
        new Batches.Told() {
          @Override
          public void there(FileRow row, Restores.Brought brought) {}

          @Override
          public void failed(FileRow row, RestoreException fault) {
            failed.put(row.path().value(), fault);
          }
        });
    return failed;
  }

  /** A run that a person asked for. */
  RestoreRun run(String... paths) throws InterruptedException {
    RestoreRequest request =
        new RestoreRequest(
            Trigger.MANUAL, List.of(paths), Optional.empty(), Optional.empty(), false);
    assertThat(runs.request(request)).isPresent();
    RestoreRun run = runs.beginWaiting().orElseThrow();
    run.plan();
    run.getFiles().forEachRemaining(file -> run.bring((RestoreBatch) file));
    runs.end(run);
    return run;
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
