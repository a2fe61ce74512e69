package dev.caravan.snapshot.voice;

import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log every ten seconds how far a backup, a restore or a verification is. */
public final class MoverProgress implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int EVERY_SECONDS = 10;

  private final Supplier<Mark> now;
  private final String moved;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "mover-progress");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Optional<Mark> expected = Optional.empty();
  private long movedBefore;

  /**
   * How far it is, or will be.
   *
   * @param bytes of these files
   * @param movedBytes that went over the line for them
   */
  public record Mark(long files, long bytes, long movedBytes) {}

  /**
   * @param now is asked from a thread of its own
   * @param moved what is done to bytes on the line: {@code sent}, {@code fetched}
   */
  public MoverProgress(Supplier<Mark> now, String moved) {
    this.now = now;
    this.moved = moved;
  }

  /** Begins to tell. */
  public void start() {
    clock.scheduleAtFixedRate(
        () -> LOG.info(next()), EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  /** How much there is to do, once that is known. */
  public void expect(long files, long bytes) {
    expected = Optional.of(new Mark(files, bytes, 0));
  }

  /** The line that is told next. */
  String next() {
    Mark mark = now.get();
    String line =
        "%s%s, %s%s; %s %s, %s/s"
            .formatted(
                expected.map(all -> mark.files() + " of ").orElse(""),
                Counted.of(expected.orElse(mark).files(), "file"),
                ByteSize.format(mark.bytes()),
                expected.map(all -> " of " + ByteSize.format(all.bytes())).orElse(""),
                ByteSize.format(mark.movedBytes()),
                moved,
                ByteSize.format((mark.movedBytes() - movedBefore) / EVERY_SECONDS));
    movedBefore = mark.movedBytes();
    return line;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
