package dev.caravan.remote.rsync;

import dev.caravan.remote.KeptChild;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out which rsync this machine has; 3.1 was the first that keeps fractions of seconds. */
final class RsyncVersion {

  private static final Pattern VERSION = Pattern.compile("rsync +version v?((\\d+)\\.(\\d+)\\S*)");
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final int LONGEST = 64 * 1024;

  private RsyncVersion() {}

  /** The version, such as {@code 3.2.7}. */
  static String ask(Map<String, String> environment, RsyncErrors errors) throws RemoteException {
    String said;
    try (KeptChild child =
            KeptChild.start(RsyncCommand.version(), environment, Redirect.PIPE, GRACE);
        InputStream output = child.output()) {
      said = new String(output.readNBytes(LONGEST), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw errors.of(Cause.NOT_THERE, "rsync cannot be started: " + e.getMessage(), e);
    }
    return parse(said, errors);
  }

  static String parse(String said, RsyncErrors errors) throws RemoteException {
    Matcher version = VERSION.matcher(said);
    if (!version.find()) {
      throw errors.of(
          Cause.NOT_THERE,
          "there is no rsync on the PATH of this machine; install rsync 3.1 or newer");
    }
    int major = Integer.parseInt(version.group(2));
    int minor = Integer.parseInt(version.group(3));
    if (major < 3 || (major == 3 && minor < 1)) {
      throw errors.of(
          Cause.NOT_THERE,
          "rsync here is " + version.group(1) + ", but 3.1 or newer is needed; install that");
    }
    return version.group(1);
  }
}
