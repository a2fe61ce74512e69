package dev.caravan.snapshot.report;

import dev.caravan.store.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the report of a mover. Nothing that goes wrong here changes how the mover ends: it is
 * one line in the log, and takes a bounded time.
 */
public final class ReportExport {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  /** For one place, all in all; what hangs longer is left behind. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final ReportSettings settings;
  private final Duration limit;

  public ReportExport(ReportSettings settings) {
    this(settings, LIMIT);
  }

  ReportExport(ReportSettings settings, Duration limit) {
    this.settings = settings;
    this.limit = limit;
  }

  /** Publishes wherever the settings say; returns within some twenty seconds, and never throws. */
  public void publish(MoverReport report) {
    settings
        .pushgateway()
        .ifPresent(
            address ->
                attempt(
                    "Pushgateway at " + address.getHost(),
                    () -> {
                      new Pushgateway(address, settings).publish(report);
                      return true;
                    }));
    settings
        .textfile()
        .ifPresent(
            file ->
                attempt(
                    "file " + file,
                    () -> {
                      write(file, report);
                      return true;
                    }));
  }

  /** Adds a run to what the file says. The node exporter reads it whole, old or new. */
  private static void write(Path file, MoverReport report) throws IOException {
    SortedMap<Series, Double> held = new TreeMap<>();
    try (BufferedReader text =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      held = Exposition.read(text, MoverMeters::isOurs);
    } catch (NoSuchFileException e) {
      // The first run.
    }
    String text = Exposition.write(MoverMeters.FAMILIES, MoverMeters.after(held, report));
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private void attempt(String where, Callable<Boolean> publishing) {
    FutureTask<Boolean> task = new FutureTask<>(publishing);
    Thread thread = new Thread(task, "report");
    // One that hangs must not keep the process from its end.
    thread.setDaemon(true);
    thread.start();
    try {
      task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      failed(where, "no answer within " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      failed(where, reason(e.getCause()));
    } catch (InterruptedException e) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      failed(where, "the mover is being stopped");
    }
  }

  /** The text of an exception of the HTTP client is often empty. */
  private static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "unknown";
    }
    String message = cause.getMessage();
    String kind = cause.getClass().getSimpleName();
    return message == null || message.isBlank() || message.contains("\n") ? kind : message;
  }

  private static void failed(String where, String why) {
    LOG.warn("The metrics of this run did not reach the {}: {}; the run itself counts", where, why);
  }
}
