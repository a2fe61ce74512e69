package dev.caravan.store.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Changes a file of Caravan's own again and again, and waits to be told of it by the watch: so it
 * is known that events come through, and not only hoped.
 */
public final class Heartbeat implements AutoCloseable {

  private static final String FILE = "beat";

  private final Path folder;
  private final Duration every;
  private final Clock clock;
  private final Runnable onSilence;
  private final ScheduledExecutorService beats;
  private long count;
  private volatile Optional<Instant> begun = Optional.empty();
  private volatile Optional<Instant> heard = Optional.empty();

  /**
   * @param folder of its own, which is watched; made here, in a folder that is there
   * @param every how often; after six beats that were not noticed it is silent
   * @param onSilence called on a thread of this, again and again while it stays silent
   * @throws IOException when the folder cannot be made
   */
  public Heartbeat(Path folder, Duration every, Clock clock, Runnable onSilence)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      // Never more than that: below a disk that is away nothing is made.
      Files.createDirectory(folder);
    }
    this.folder = folder.toRealPath();
    this.every = every;
    this.clock = clock;
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
    begun = Optional.of(clock.instant());
    beats.scheduleWithFixedDelay(this::beat, 0, every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void beat() {
    Instant now = clock.instant();
    Instant last = heard.or(() -> begun).orElse(now);
    if (Duration.between(last, now).compareTo(every.multipliedBy(6)) > 0) {
      onSilence.run();
      return;
    }
    try {
      Files.write(folder.resolve(FILE), Long.toString(++count).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // A full or read-only disk; when it lasts, the silence tells.
    }
  }

  /** The watch noticed a beat. */
  public void heard() {
    heard = Optional.of(clock.instant());
  }

  /** Since the last beat was noticed, or since the first was due; empty before that. */
  public OptionalLong ageSeconds() {
    Optional<Instant> last = heard.or(() -> begun);
    return last.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, Duration.between(last.get(), clock.instant()).toSeconds()));
  }

  @Override
  public void close() {
    beats.shutdownNow();
  }
}
