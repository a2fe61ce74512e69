package dev.caravan.remote.rsync;

import dev.caravan.remote.KeptChild;
import dev.caravan.remote.rsync.RsyncEnd.How;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Runs rsync once and looks after it until it has ended. */
public final class RsyncChild {

  private final KeptChild child;
  private final RsyncLimits limits;
  private final RsyncWords words = new RsyncWords();
  private volatile long movedAt = System.nanoTime();

  /** Says whether a child that is under way is still needed. */
  public interface Need {
    /**
     * Asked now and then.
     *
     * @param toldToStop whether the thread that waits for the child was interrupted
     */
    boolean isOver(boolean toldToStop);
  }

  private RsyncChild(KeptChild child, RsyncLimits limits) {
    this.child = child;
    this.limits = limits;
  }

  /**
   * Returns once the child is gone, however it ended.
   *
   * @param command the program and its arguments in text form, see {@link
   *     dev.caravan.event.PathNames}
   * @param environment the whole of it
   */
  public static RsyncEnd run(
      List<String> command, Map<String, String> environment, RsyncLimits limits, Need need) {
    List<String> arguments = RawArguments.of(command);
    try (KeptChild kept = KeptChild.start(arguments, environment, Redirect.PIPE, limits.grace())) {
      return new RsyncChild(kept, limits).await(need);
    } catch (IOException e) {
      return new RsyncEnd(How.NOT_STARTED, 0, List.of(String.valueOf(e.getMessage())));
    }
  }

  private RsyncEnd await(Need need) {
    Thread output = listen("output", this::watchOutput);
    Thread errors = listen("errors", this::readErrors);
    boolean toldToStop = false;
    try {
      while (true) {
        try {
          OptionalInt code = child.await(limits.look());
          if (code.isPresent()) {
            errors.join(limits.grace().toMillis());
            output.join(limits.grace().toMillis());
            return new RsyncEnd(How.BY_ITSELF, code.getAsInt(), words.all());
          }
        } catch (InterruptedException e) {
          toldToStop = true;
        }
        if (need.isOver(toldToStop)) {
          return ended(How.UNWANTED);
        }
        if (System.nanoTime() - movedAt > limits.stall().toNanos()) {
          return ended(How.STALLED);
        }
      }
    } finally {
      if (toldToStop) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private RsyncEnd ended(How how) {
    child.close();
    return new RsyncEnd(how, 0, words.all());
  }

  private interface Listener {
    void listen() throws IOException;
  }

  private Thread listen(String what, Listener listener) {
    Thread thread =
        new Thread(
            () -> {
              try {
                listener.listen();
              } catch (IOException | UncheckedIOException e) {
                // It ended, or was ended.
              }
            },
            "rsync-" + what + "-" + child.pid());
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** It reports its progress while something moves, and is silent while nothing does. */
  private void watchOutput() throws IOException {
    byte[] buffer = new byte[8192];
    try (InputStream in = child.output()) {
      while (in.read(buffer) >= 0) {
        movedAt = System.nanoTime();
      }
    }
  }

  private void readErrors() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.errors(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        words.hear(line);
      }
    }
  }
}
