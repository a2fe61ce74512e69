package dev.caravan.remote;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Another program that never outlives us. A small shell between us and it waits for the end of its
 * standard input, which comes when we close it, and also when we are killed; then it ends the
 * program, at first gently.
 */
public final class KeptChild implements AutoCloseable {

  private static final String KEEPER =
      """
      exec 3<&0
      "$@" </dev/null 3<&- &
      child=$!
      (
        read -r end <&3
        kill -TERM $child
        sleep %d
        kill -KILL $child
      ) >/dev/null 2>&1 &
      watch=$!
      exec 3<&- </dev/null
      wait $child
      code=$?
      kill $watch 2>/dev/null
      exit $code
      """;

  private final Process process;
  private final Duration grace;

  private KeptChild(Process process, Duration grace) {
    this.process = process;
    this.grace = grace;
  }

  /**
   * Starts a program with nothing on its standard input. What it writes must be read to the end, or
   * it would have to wait for us.
   *
   * @param command the program and its arguments, which no shell looks into
   * @param environment the whole of it
   * @param output where its standard output goes
   * @param grace it gets to end by itself when it is closed
   */
  public static KeptChild start(
      List<String> command, Map<String, String> environment, Redirect output, Duration grace)
      throws IOException {
    List<String> kept = new ArrayList<>();
    String keeper = KEEPER.formatted(grace.toSeconds());
    kept.addAll(List.of("/bin/sh", "-c", keeper, "caravan-keeper"));
    kept.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(kept);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectOutput(output);
    return new KeptChild(builder.start(), grace);
  }

  public long pid() {
    return process.pid();
  }

  /** What it writes, where that was left to be piped. */
  public InputStream output() {
    return process.getInputStream();
  }

  public InputStream errors() {
    return process.getErrorStream();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Its exit code, as soon as it has ended; empty when it has not by then. */
  public OptionalInt await(Duration limit) throws InterruptedException {
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    return ended ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
  }

  /** Ends it at once. */
  public void kill() {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroyForcibly();
    below.forEach(ProcessHandle::destroyForcibly);
    closeInput();
  }

  /** Ends it gently, so that it can tidy up; in the end by force. */
  @Override
  public void close() {
    closeInput();
    try {
      if (!process.waitFor(grace.toMillis() + 1000, TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  private void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It is closed already, or the one who would read it is gone.
    }
  }
}
