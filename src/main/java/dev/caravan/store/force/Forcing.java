package dev.caravan.store.force;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Forces many files to the disk at once.
 *
 * <p>A file system with a journal brings everything that is asked of it at one moment to the disk
 * with one write of its journal, and a disk with a queue takes several writes at a time: one file
 * after the other costs each of them a whole turn. The threads do nothing but wait for the disk,
 * and end after a few seconds without work.
 */
public final class Forcing {

  private static final int AT_ONCE = 64;
  private static final long IDLE_SECONDS = 5;
  private static final AtomicLong NUMBER = new AtomicLong();
  private static final ThreadPoolExecutor THREADS = threads();

  private Forcing() {}

  /**
   * Brings bytes, size and times of all of them to the disk.
   *
   * @param channels of open files
   * @return for each, in their order, why it may not be on the disk
   */
  public static List<Optional<IOException>> all(List<FileChannel> channels) {
    if (channels.size() == 1) {
      return List.of(one(channels.get(0)));
    }
    List<CompletableFuture<Optional<IOException>>> forced = new ArrayList<>();
    for (FileChannel channel : channels) {
      forced.add(CompletableFuture.supplyAsync(() -> one(channel), THREADS));
    }
    // Also when somebody interrupts: nobody closes a file while it is on its way to the disk.
    return forced.stream().map(CompletableFuture::join).toList();
  }

  private static Optional<IOException> one(FileChannel channel) {
    try {
      channel.force(true);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private static ThreadPoolExecutor threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "force-" + NUMBER.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
