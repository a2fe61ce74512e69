package dev.caravan.remote.dir;

import dev.caravan.event.Causes;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Tells from what the file system said what kind of failure it is, and what to do about it. */
final class DirErrors {

  /** The words of {@code strerror}, which is where Java leaves the errno. */
  private static final Map<String, Cause> WORDS =
      Map.ofEntries(
          Map.entry("No space left on device", Cause.FULL),
          Map.entry("Disk quota exceeded", Cause.FULL),
          Map.entry("Read-only file system", Cause.READ_ONLY),
          Map.entry("Permission denied", Cause.PERMISSION),
          Map.entry("Operation not permitted", Cause.PERMISSION),
          Map.entry("File name too long", Cause.UNSUPPORTED),
          Map.entry("Invalid argument", Cause.UNSUPPORTED),
          Map.entry("File too large", Cause.UNSUPPORTED),
          Map.entry("Transport endpoint is not connected", Cause.NETWORK),
          Map.entry("Host is down", Cause.NETWORK),
          Map.entry("Connection timed out", Cause.NETWORK),
          Map.entry("No route to host", Cause.NETWORK),
          Map.entry("Stale file handle", Cause.SERVER),
          Map.entry("Input/output error", Cause.SERVER));

  private final String name;
  private final Path root;

  DirErrors(String name, Path root) {
    this.name = name;
    this.root = root;
  }

  /**
   * An error of the file system in our words.
   *
   * @param doing such as {@code "store 'a/b'"}
   */
  RemoteException of(String doing, IOException e) {
    Cause cause = causeOf(e);
    return new RemoteException(
        cause, place() + ": cannot " + doing + ": " + reasonOf(e) + adviceFor(cause), e);
  }

  RemoteException of(Cause cause, String what) {
    return new RemoteException(cause, place() + ": " + what);
  }

  /** A name for a message: one line, whatever is in it. */
  static String shown(Object name) {
    return "'" + name.toString().replaceAll("[\\p{Cntrl}\u2028\u2029]", "?") + "'";
  }

  private String place() {
    return "Remote '" + name + "' at " + shown(root);
  }

  private Cause causeOf(IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return Cause.CANCELLED;
    }
    if (e instanceof AccessDeniedException) {
      return Cause.PERMISSION;
    }
    String reason = reasonOf(e);
    for (Map.Entry<String, Cause> words : WORDS.entrySet()) {
      if (reason.contains(words.getKey())) {
        return words.getValue();
      }
    }
    return causeByFacts();
  }

  /** For systems whose error texts are not English. */
  private Cause causeByFacts() {
    try {
      FileStore store = Files.getFileStore(root);
      if (store.isReadOnly()) {
        return Cause.READ_ONLY;
      }
      return store.getUsableSpace() == 0 ? Cause.FULL : Cause.OTHER;
    } catch (IOException e) {
      return Cause.OTHER;
    }
  }

  private static String reasonOf(IOException e) {
    if (e instanceof AccessDeniedException denied && denied.getReason() == null) {
      return "Permission denied";
    }
    return Causes.reasonOf(e);
  }

  private static String adviceFor(Cause cause) {
    return switch (cause) {
      case FULL -> "; free some space there or raise the quota";
      case READ_ONLY -> "; mount it writable";
      case PERMISSION -> "; let the user that Caravan runs as read and write there";
      case NOT_THERE -> "; mount it, or mend storage.remotes[].path";
      case UNSUPPORTED -> "; that file system cannot hold it";
      case NETWORK, SERVER -> "; look at the disk or the server behind the mount";
      case AUTHENTICATION, TLS, CLOCK, THROTTLED, CORRUPT, NO_SUCH_OBJECT, FOREIGN -> "";
      case CANCELLED, OTHER -> "";
    };
  }
}
