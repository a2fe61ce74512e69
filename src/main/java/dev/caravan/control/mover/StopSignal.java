package dev.caravan.control.mover;

import dev.caravan.snapshot.MoverRun;
import java.util.function.Consumer;

/**
 * Ends a run when this process is told to end, by {@code SIGTERM} or Ctrl-C: what runs beside it
 * must not go on, and the last words and the metrics say what happened.
 */
final class StopSignal implements AutoCloseable {

  private final Thread hook;
  private volatile boolean came;

  /**
   * @param report takes how it ended, when it is a signal that ended it
   */
  StopSignal(MoverRun run, Consumer<MoverRun.Ended> report) {
    this.hook = new Thread(() -> stop(run, report), "mover-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop(MoverRun run, Consumer<MoverRun.Ended> report) {
    if (run.stop("stopped by a signal before the end; run it again")) {
      came = true;
      report.accept(run.ended());
    }
  }

  /** True when a signal ended it. */
  boolean came() {
    return came;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs already.
    }
  }
}
