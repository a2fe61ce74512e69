package dev.caravan.remote.rclone.rcd;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of an rclone. What we ask of it is known to work from {@link #OLDEST} on. */
record RcloneVersion(int major, int minor, String text) {

  private static final RcloneVersion OLDEST = new RcloneVersion(1, 60, "v1.60");
  private static final Pattern FIRST_LINE =
      Pattern.compile("rclone (v(\\d{1,4})\\.(\\d{1,4})[^\\s]{0,60})");
  private static final int LONGEST = 4096;

  /**
   * Asks the program.
   *
   * @throws RemoteException when there is none, or it is too old
   */
  static RcloneVersion ask(RcloneCommand command, Duration limit, RcloneErrors errors)
      throws RemoteException {
    String program = command.arguments().get(0);
    String said = run(command, limit, errors);
    Matcher line = FIRST_LINE.matcher(said);
    if (!line.find()) {
      throw errors.of(
          Cause.NOT_THERE,
          RcloneErrors.shown(program) + " does not say its version; set binary to rclone's");
    }
    RcloneVersion found =
        new RcloneVersion(
            Integer.parseInt(line.group(2)), Integer.parseInt(line.group(3)), line.group(1));
    if (found.isOlderThan(OLDEST)) {
      throw errors.of(
          Cause.NOT_THERE,
          "rclone is %s, but %s or newer is needed; install that, or set binary to it"
              .formatted(found.text(), OLDEST.text()));
    }
    return found;
  }

  private boolean isOlderThan(RcloneVersion other) {
    return major < other.major || (major == other.major && minor < other.minor);
  }

  private static String run(RcloneCommand command, Duration limit, RcloneErrors errors)
      throws RemoteException {
    ProcessBuilder builder = new ProcessBuilder(command.arguments());
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    builder.redirectErrorStream(true);
    Process process;
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw errors.of(
          Cause.NOT_THERE,
          "the program %s cannot be started; install rclone, or set binary to its path"
              .formatted(RcloneErrors.shown(command.arguments().get(0))),
          e);
    }
    CompletableFuture<String> said =
        CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw errors.of(Cause.SERVER, "'rclone version' did not end within " + limit);
      }
      return said.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled", e);
    } catch (ExecutionException | TimeoutException e) {
      throw errors.of(Cause.SERVER, "what 'rclone version' says cannot be read", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(InputStream in) {
    try (in) {
      String said = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
      in.transferTo(OutputStream.nullOutputStream());
      return said;
    } catch (IOException e) {
      return "";
    }
  }
}
