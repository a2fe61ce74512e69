package dev.caravan.remote.rclone.rcd;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells from what rclone said what kind of failure it is, and what to do about it. rclone passes on
 * the words of some fifty storages; these are the ones that they share.
 */
public final class RcloneErrors {

  private static final int LONGEST = 400;
  private static final int NOT_FOUND = 404;

  private static final Map<Pattern, Cause> WORDS = new LinkedHashMap<>();

  static {
    word(Cause.NO_SUCH_OBJECT, "object not found|directory not found|no such file or directory");
    word(Cause.NO_SUCH_OBJECT, "is a directory not a file|not a regular file|^not a directory");
    word(Cause.NOT_THERE, "didn't find section in config|unknown remote|couldn't find backend");
    word(Cause.NOT_THERE, "NoSuchBucket|bucket.*(not found|does ?n.t exist)|no such host");
    word(Cause.CLOCK, "RequestTimeTooSkewed|clock skew");
    word(Cause.TLS, "x509:|certificate (is|has|signed)|tls: ");
    word(Cause.FULL, "no space left|quota ?exceeded|insufficient (storage|space)|StorageFull");
    word(Cause.FULL, "too big for remaining disk space");
    word(Cause.READ_ONLY, "read-only file system");
    word(
        Cause.THROTTLED,
        "\\b429\\b|too ?many ?requests|slow ?down|rate ?limit|RequestLimitExceeded");
    word(Cause.AUTHENTICATION, "InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken");
    word(Cause.AUTHENTICATION, "\\b401\\b|unauthori[sz]ed|invalid_grant|unable to authenticate");
    word(Cause.AUTHENTICATION, "NoCredentialProviders|couldn't (fetch|find) token|empty token");
    word(Cause.PERMISSION, "AccessDenied|\\b403\\b|forbidden|permission denied|not permitted");
    word(Cause.UNSUPPORTED, "file name too long|KeyTooLong|invalid argument|illegal file name");
    word(Cause.CORRUPT, "corrupted on transfer|hash(es)? differ|sizes differ|bad block");
    word(Cause.NETWORK, "connection (refused|reset|timed out)|i/o timeout|unreachable|dial tcp");
    word(Cause.NETWORK, "\\bEOF\\b|broken pipe|no route to host|use of closed network");
    word(Cause.SERVER, "\\b50[0-9]\\b|internal ?(server )?error|service ?unavailable");
  }

  /** Users and passwords in addresses, and what follows a question mark there. */
  private static final Pattern IN_ADDRESS = Pattern.compile("://[^/@\\s]*@");

  private static final Pattern SYSTEM_CALL =
      Pattern.compile(
          "no such file or directory|not a directory|permission denied|operation not permitted"
              + "|no space left on device|disk quota exceeded|read-only file system"
              + "|file name too long|invalid argument");

  private static final Pattern PATH = Pattern.compile("\\S*/\\S*");

  private static final Pattern QUERY = Pattern.compile("(https?://[^\\s?\"]*)\\?[^\\s\"]*");

  private final String name;
  private final String remote;

  RcloneErrors(String name, String remote) {
    this.name = name;
    this.remote = remote;
  }

  private static void word(Cause cause, String pattern) {
    WORDS.put(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), cause);
  }

  /**
   * An answer of rclone's that says that something went wrong.
   *
   * @param doing such as {@code "store 'a/b'"}
   */
  public RemoteException of(String doing, int status, String said) {
    Cause cause = status == NOT_FOUND ? Cause.NO_SUCH_OBJECT : causeOf(said);
    return of(cause, "cannot " + doing + ": " + plain(said) + adviceFor(cause), null);
  }

  public RemoteException of(Cause cause, String what) {
    return of(cause, what, null);
  }

  public RemoteException of(Cause cause, String what, @Nullable Throwable because) {
    return new RemoteException(
        cause, "Remote '" + name + "' at rclone's '" + plain(remote) + "': " + what, because);
  }

  /** What a system call says stands last; before it stand names of files, which hold any word. */
  static Cause causeOf(String said) {
    String last = said.substring(said.lastIndexOf(": ") + 1).strip();
    boolean systemCall = SYSTEM_CALL.matcher(last).matches();
    return find(systemCall ? last : PATH.matcher(said).replaceAll("")).orElse(Cause.OTHER);
  }

  private static Optional<Cause> find(String said) {
    return WORDS.entrySet().stream()
        .filter(word -> word.getKey().matcher(said).find())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** A name for a message: one line, whatever is in it. */
  public static String shown(Object name) {
    return "'" + plain(name.toString()) + "'";
  }

  /** One line, not too long, without what may be a secret. */
  static String plain(String text) {
    String line = text.strip().replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
    line = IN_ADDRESS.matcher(line).replaceAll("://***@");
    line = QUERY.matcher(line).replaceAll("$1?***");
    return Optional.of(line)
        .filter(whole -> whole.length() > LONGEST)
        .map(whole -> whole.substring(0, LONGEST) + "...")
        .orElse(line);
  }

  private static String adviceFor(Cause cause) {
    return switch (cause) {
      case FULL -> "; free some space there or raise the quota";
      case READ_ONLY, PERMISSION -> "; let rclone's user write there";
      case NOT_THERE -> "; see 'rclone listremotes', and mend storage.remotes[].remote or config";
      case AUTHENTICATION -> "; renew its credentials in rclone's configuration";
      case TLS -> "; trust that authority: flags: [\"--ca-cert=FILE\"]";
      case CLOCK -> "; set this machine's clock";
      case UNSUPPORTED -> "; that storage cannot hold it";
      case NETWORK, SERVER, THROTTLED, CORRUPT, NO_SUCH_OBJECT, FOREIGN, CANCELLED, OTHER -> "";
    };
  }
}
