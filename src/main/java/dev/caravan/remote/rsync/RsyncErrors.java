package dev.caravan.remote.rsync;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in one line for the operator how a child failed, where, and what to do about it. */
final class RsyncErrors {

  private final String name;
  private final String place;

  /**
   * @param name of the remote
   * @param place where its files lie, without a secret
   */
  RsyncErrors(String name, String place) {
    this.name = name;
    this.place = place;
  }

  /** Words that tell more than any exit code; the first one found counts. */
  private enum Word {
    FULL("No space left on device", Cause.FULL, "; free some space there or raise the quota"),
    QUOTA("Disk quota exceeded", Cause.FULL, "; raise the quota there"),
    READ_ONLY("Read-only file system", Cause.READ_ONLY, "; mount it writable"),
    TOO_BIG("File too large", Cause.UNSUPPORTED, "; that file system cannot hold it"),
    UNKNOWN_HOST(
        "Host key verification failed",
        Cause.TLS,
        "; the server is not the one in known_hosts, do not go on before you know why"),
    NO_HOST_KEY(
        "host key is known for",
        Cause.TLS,
        "; log in there once with ssh, which adds it to known_hosts"),
    OPEN_KEY("UNPROTECTED PRIVATE KEY", Cause.AUTHENTICATION, "; chmod 600 the key file"),
    BAD_KEY("Load key", Cause.AUTHENTICATION, "; it must be a private key without a passphrase"),
    LOGIN("Permission denied \\([a-z]", Cause.AUTHENTICATION, "; let the key in at the server"),
    NO_PROGRAM("rsync: command not found", Cause.NOT_THERE, "; install rsync at the server"),
    NO_PROGRAM_EITHER("rsync: not found", Cause.NOT_THERE, "; install rsync at the server"),
    NO_SSH("Failed to exec ssh", Cause.NOT_THERE, "; install the OpenSSH client"),
    PERMISSION(
        "Permission denied",
        Cause.PERMISSION,
        "; let the user that rsync logs in as read and write there"),
    NOT_PERMITTED(
        "Operation not permitted",
        Cause.PERMISSION,
        "; that file system may not know permissions or times, or the file is another user's"),
    IO("Input/output error", Cause.SERVER, "; look at the disk");

    final Pattern pattern;
    final Cause cause;
    final String advice;

    Word(String pattern, Cause cause, String advice) {
      this.pattern = Pattern.compile(pattern);
      this.cause = cause;
      this.advice = advice;
    }
  }

  /**
   * Why a child did not do what it was for.
   *
   * @param doing such as {@code "store 'a/b'"}
   */
  RemoteException of(String doing, RsyncEnd end) {
    return switch (end.how()) {
      case NOT_STARTED -> of(Cause.OTHER, "rsync cannot be started: " + saying(end.words()));
      case UNWANTED -> of(Cause.CANCELLED, "cancelled, cannot " + doing);
      case STALLED ->
          of(
              Cause.NETWORK,
              "cannot %s: rsync moved nothing any more; look at the server and the way to it"
                  .formatted(doing));
      case BY_ITSELF -> byItself(doing, end);
    };
  }

  RemoteException of(Cause cause, String what) {
    return of(cause, what, null);
  }

  RemoteException of(Cause cause, String what, @Nullable Throwable e) {
    return new RemoteException(cause, "Remote '" + name + "' at " + place + ": " + what, e);
  }

  /** A name for a message: one line, whatever is in it. */
  static String shown(Object name) {
    return "'" + oneLine(name.toString()) + "'";
  }

  private RemoteException byItself(String doing, RsyncEnd end) {
    Optional<Word> word =
        Arrays.stream(Word.values()).filter(each -> line(end, each).isPresent()).findFirst();
    String code = " (rsync's exit code " + end.code() + ")";
    if (word.isPresent()) {
      String said = line(end, word.get()).orElseThrow();
      return of(
          word.get().cause, "cannot " + doing + ": " + plain(said) + code + word.get().advice);
    }
    return of(
        causeOf(end.code()),
        "cannot " + doing + ": " + saying(end.words()) + code + adviceFor(end.code()));
  }

  private static Optional<String> line(RsyncEnd end, Word word) {
    return end.words().stream().filter(line -> word.pattern.matcher(line).find()).findFirst();
  }

  /** As rsync's manual lists its exit codes; above 123 they are the remote shell's, or ssh's. */
  private static Cause causeOf(int code) {
    return switch (code) {
      case 10, 12, 30, 35, 255 -> Cause.NETWORK;
      case 1, 2, 4, 5, 6, 126, 127 -> Cause.NOT_THERE;
      case 14, 19, 20, 21, 22, 124, 125 -> Cause.SERVER;
      case 137, 143 -> Cause.SERVER;
      default -> Cause.OTHER;
    };
  }

  private static String adviceFor(int code) {
    return switch (code) {
      case 10, 30, 35, 255 -> "; look at the server and the way to it";
      case 12 -> "; the connection was lost, or rsync there ended: look at the server";
      case 1, 4, 5, 6 -> "; rsync 3.1 or newer is needed at both ends";
      case 2 -> "; the server must give a shell that prints nothing by itself, and have rsync 3.1";
      case 126, 127 -> "; install rsync at the server, and let that user run it";
      case 19, 20, 137, 143 -> "; someone ended rsync";
      case 14, 21, 22, 124, 125 -> "; look at the log of the machine, its memory may be short";
      case 11 -> "; look at the folder there, and at the space on its disk";
      case 3, 23, 24 -> "; look at the folder there";
      default -> "";
    };
  }

  /** The first thing said that explains something: how rsync sums up itself comes last. */
  private static String saying(List<String> words) {
    return words.stream()
        .filter(line -> !line.startsWith("rsync error:"))
        .findFirst()
        .or(() -> words.stream().findFirst())
        .map(RsyncErrors::plain)
        .orElse("it said nothing");
  }

  /** Without the place in rsync's source. */
  private static String plain(String line) {
    return oneLine(line.replaceAll(" at [a-z]+\\.c\\(\\d+\\).*", "")).strip();
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
  }
}
