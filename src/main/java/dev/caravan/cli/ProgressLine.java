package dev.caravan.cli;

import dev.caravan.config.ByteSize;
import java.io.Console;
import java.io.PrintWriter;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/** Shows a run as it goes on: a bar with rate and time left on a terminal, else plain lines. */
abstract class ProgressLine implements AutoCloseable {

  private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * @param name of what goes on
   * @param quiet true shows nothing
   */
  static ProgressLine on(String name, PrintWriter err, boolean quiet) {
    if (quiet) {
      return new Quiet();
    }
    return isTerminal() ? new Bar(name) : new Lines(err);
  }

  /** From Java 22 on there is a console even where there is no terminal, and it can be asked. */
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || System.getenv("TERM") == null) {
      return false;
    }
    try {
      return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /**
   * How long it takes until all is done, at the pace so far.
   *
   * @param elapsed since the first byte moved
   * @return empty as long as too little is done to say
   */
  static Optional<Duration> timeLeft(long doneBytes, long totalBytes, Duration elapsed) {
    if (doneBytes <= 0 || doneBytes < totalBytes / 100 || elapsed.toMillis() < 1_000) {
      return Optional.empty();
    }
    double left = (double) Math.max(0, totalBytes - doneBytes) / doneBytes;
    return Optional.of(Duration.ofMillis((long) (elapsed.toMillis() * left)));
  }

  abstract void show(Map<String, @Nullable Object> run);

  @Override
  public void close() {}

  private static final class Quiet extends ProgressLine {
    @Override
    void show(Map<String, @Nullable Object> run) {}
  }

  private static final class Lines extends ProgressLine {
    private final PrintWriter err;
    private long shownAt = System.nanoTime();

    Lines(PrintWriter err) {
      this.err = err;
    }

    @Override
    void show(Map<String, @Nullable Object> run) {
      if (System.nanoTime() - shownAt < LINE_NANOS) {
        return;
      }
      shownAt = System.nanoTime();
      Map<?, ?> progress = Commands.map(run, "progress");
      if (Commands.number(progress, "total") == 0) {
        return; // It still looks what there is to do.
      }
      err.println(
          "%d of %d files, %s of %s"
              .formatted(
                  Commands.number(progress, "done"),
                  Commands.number(progress, "total"),
                  ByteSize.format(Commands.number(progress, "bytes_done")),
                  ByteSize.format(Commands.number(progress, "bytes_total"))));
      err.flush();
    }
  }

  private static final class Bar extends ProgressLine {
    private final ProgressBar bar;
    private volatile long movingSince;

    Bar(String name) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setInitialMax(-1)
              .setUnit(" MiB", 1 << 20)
              .setStyle(ProgressBarStyle.ASCII)
              .setEtaFunction(this::timeLeft)
              .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
              .build();
    }

    @Override
    void show(Map<String, @Nullable Object> run) {
      Map<?, ?> progress = Commands.map(run, "progress");
      if (movingSince == 0 && Commands.number(progress, "bytes_done") > 0) {
        movingSince = System.nanoTime() | 1;
      }
      bar.maxHint(Commands.number(progress, "bytes_total"));
      bar.stepTo(Commands.number(progress, "bytes_done"));
      bar.setExtraMessage(
          " %d/%d files"
              .formatted(Commands.number(progress, "done"), Commands.number(progress, "total")));
    }

    private Optional<Duration> timeLeft(ProgressState state) {
      long since = movingSince;
      return since == 0
          ? Optional.empty()
          : ProgressLine.timeLeft(
              state.getCurrent(), state.getMax(), Duration.ofNanos(System.nanoTime() - since));
    }

    @Override
    public void close() {
      bar.close();
    }
  }
}
