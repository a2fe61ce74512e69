package dev.caravan;

import dev.caravan.event.Trigger;
import dev.caravan.purge.PurgeRequest;
import dev.caravan.restore.RoomMaker;
import dev.caravan.store.StoreTree;
import dev.caravan.store.room.DiskSpace;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a purge make room for a file that is read. What the purge keeps, it keeps here too: a file
 * that was read a moment ago does not leave for another one.
 */
final class RoomByPurge implements RoomMaker, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.restore");

  /** A reader waits no longer; the purge goes on, and the next reader profits. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final StoreTree tree;
  private final long floorBytes;
  private final Consumer<PurgeRequest> purge;
  private final Duration patience;
  private final ExecutorService pool =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "room");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param floorBytes how much shall be free always; 0 when nothing may leave the disk
   * @param purge carries out a purge; returns when it has ended
   */
  RoomByPurge(StoreTree tree, long floorBytes, Consumer<PurgeRequest> purge) {
    this(tree, floorBytes, purge, PATIENCE);
  }

  RoomByPurge(StoreTree tree, long floorBytes, Consumer<PurgeRequest> purge, Duration patience) {
    this.tree = tree;
    this.floorBytes = floorBytes;
    this.purge = purge;
    this.patience = patience;
  }

  @Override
  public void make(long bytes) throws InterruptedException {
    Optional<Long> target = target(bytes);
    if (target.isEmpty()) {
      return;
    }
    PurgeRequest.Terms terms = new PurgeRequest.Terms(target, Optional.empty());
    Future<?> done = pool.submit(() -> purge.accept(new PurgeRequest(Trigger.HOOK, false, terms)));
    try {
      done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("No purge could make room within {} s: another run goes on", patience.toSeconds());
    } catch (ExecutionException e) {
      LOG.warn("A purge that was to make room failed: {}", String.valueOf(e.getCause()));
    } finally {
      // One that has begun goes on; one that has not would make room for nobody.
      done.cancel(false);
    }
  }

  /** The floor stays kept, unless the file is so large that it cannot be; empty for no purge. */
  private Optional<Long> target(long bytes) {
    try {
      DiskSpace space = tree.space();
      if (floorBytes <= 0 || bytes >= space.totalBytes()) {
        return Optional.empty();
      }
      return Optional.of(bytes + floorBytes < space.totalBytes() ? bytes + floorBytes : bytes);
    } catch (IOException e) {
      LOG.warn("The store's disk does not say how full it is: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
