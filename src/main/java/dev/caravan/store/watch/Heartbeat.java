package dev.caravan.store.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Changes a file of Caravan's own again and again, and waits to be told of it by the watch: so it
 * is known that events come through, and not only hoped.
 */
public final class Heartbeat implements AutoCloseable {

  private static final String FILE = "beat";

  /** So many that were made and not noticed are silence. */
  private static final int SILENT = 6;

  private static final long NEVER = Long.MIN_VALUE;

  private final Path folder;
  private final Duration every;
  private final Runnable onSilence;
  private final ScheduledExecutorService beats;
  private long count;
  private final AtomicInteger unheard = new AtomicInteger();

  /** When the last was noticed, or the first was due, by the clock that nobody sets. */
  private final AtomicLong last = new AtomicLong(NEVER);

  /**
   * @param folder of its own, which is watched; made here, in a folder that is there
   * @param every how often; after six beats that were not noticed it is silent
   * @param onSilence called on a thread of this, again and again while it stays silent
   * @throws IOException when the folder cannot be made
   */
  public Heartbeat(Path folder, Duration every, Runnable onSilence) throws IOException {
    if (!Files.isDirectory(folder)) {
      // Never more than that: below a disk that is away nothing is made.
      Files.createDirectory(folder);
    }
    this.folder = folder.toRealPath();
    this.every = every;
    this.onSilence = onSilence;
    this.beats =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "caravan-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The folder to watch, without links. */
  public Path folder() {
    return folder;
  }

  /** Begins to beat: the folder is watched by now. */
  public void begin() {
    last.set(System.nanoTime());
    beats.scheduleWithFixedDelay(this::beat, 0, every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void beat() {
    if (unheard.get() >= SILENT) {
      onSilence.run();
      return;
    }
    try {
      Files.write(folder.resolve(FILE), Long.toString(++count).getBytes(StandardCharsets.UTF_8));
      unheard.incrementAndGet();
    } catch (NoSuchFileException e) {
      // The folder is gone, and with it what watched it.
      unheard.incrementAndGet();
    } catch (IOException e) {
      // A full or read-only disk: nothing was changed, so nothing could be noticed.
    }
  }

  /** The watch noticed a beat. */
  public void heard() {
    unheard.set(0);
    last.set(System.nanoTime());
  }

  /** Since the last beat was noticed, or since the first was due; empty before that. */
  public OptionalLong ageSeconds() {
    long since = last.get();
    return since == NEVER
        ? OptionalLong.empty()
        : OptionalLong.of(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since));
  }

  @Override
  public void close() {
    beats.shutdownNow();
  }
}
