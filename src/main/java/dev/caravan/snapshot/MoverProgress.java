package dev.caravan.snapshot;

import dev.caravan.config.ByteSize;
import dev.caravan.snapshot.move.MoverCounts;
import dev.caravan.snapshot.move.Survey;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log every ten seconds how far a backup is. */
final class MoverProgress implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int EVERY_SECONDS = 10;

  private final MoverCounts counts;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "mover-progress");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Optional<Survey> expected = Optional.empty();
  private long sentBefore;

  MoverProgress(MoverCounts counts) {
    this.counts = counts;
  }

  void start() {
    clock.scheduleAtFixedRate(this::tell, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  void expect(Survey survey) {
    expected = Optional.of(survey);
  }

  private void tell() {
    long sent = counts.sent();
    LOG.info(
        "{} of {} files, {} of {}; {} sent, {}/s",
        counts.files(),
        expected.map(Survey::files).orElse(0L),
        ByteSize.format(counts.bytes()),
        ByteSize.format(expected.map(Survey::bytes).orElse(0L)),
        ByteSize.format(sent),
        ByteSize.format((sent - sentBefore) / EVERY_SECONDS));
    sentBefore = sent;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
