package dev.caravan.remote.sftp;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.InterruptedIOException;
import java.util.Optional;
import org.apache.sshd.sftp.common.SftpConstants;
import org.jspecify.annotations.Nullable;

/** Says in one line for the operator what went wrong, where, and what to do about it. */
final class SftpErrors {

  private final String name;
  private final String identity;

  SftpErrors(String name, String identity) {
    this.name = name;
    this.identity = identity;
  }

  /**
   * A failure of the server or of the line to it.
   *
   * @param doing such as {@code "store 'a/b'"}
   * @param space of the volume there, asked after the failure: the protocol has no word for full
   */
  RemoteException of(String doing, SftpFailure e, Optional<SftpSpace> space) {
    Cause cause = causeOf(e, space);
    String said = e.isBroken() ? "the connection was lost (" + shown(e) + ")" : shown(e);
    return of(cause, "cannot " + doing + ": " + said + adviceFor(cause, e), e);
  }

  RemoteException of(Cause cause, String what) {
    return of(cause, what, null);
  }

  RemoteException of(Cause cause, String what, @Nullable Throwable e) {
    return new RemoteException(cause, "Remote '" + name + "' at " + identity + ": " + what, e);
  }

  /** A name for a message: one line, whatever is in it. */
  static String shown(Object name) {
    return "'" + oneLine(name.toString()) + "'";
  }

  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
  }

  private static String shown(SftpFailure e) {
    return oneLine(String.valueOf(e.getMessage()));
  }

  private static Cause causeOf(SftpFailure e, Optional<SftpSpace> space) {
    if (e.isBroken()) {
      return e.getCause() instanceof InterruptedIOException ? Cause.CANCELLED : Cause.NETWORK;
    }
    return switch (e.status()) {
      case SftpConstants.SSH_FX_NO_CONNECTION, SftpConstants.SSH_FX_CONNECTION_LOST ->
          Cause.NETWORK;
      case SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM, SftpConstants.SSH_FX_QUOTA_EXCEEDED ->
          Cause.FULL;
      case SftpConstants.SSH_FX_WRITE_PROTECT -> Cause.READ_ONLY;
      case SftpConstants.SSH_FX_BAD_MESSAGE,
          SftpConstants.SSH_FX_INVALID_FILENAME,
          SftpConstants.SSH_FX_OP_UNSUPPORTED ->
          Cause.UNSUPPORTED;
      case SftpConstants.SSH_FX_PERMISSION_DENIED ->
          isReadOnly(space) ? Cause.READ_ONLY : Cause.PERMISSION;
      default ->
          space.filter(SftpSpace::isFull).isPresent()
              ? Cause.FULL
              : isReadOnly(space) ? Cause.READ_ONLY : Cause.OTHER;
    };
  }

  private static boolean isReadOnly(Optional<SftpSpace> space) {
    return space.filter(SftpSpace::readOnly).isPresent();
  }

  private static String adviceFor(Cause cause, SftpFailure e) {
    return switch (cause) {
      case FULL -> "; the disk there is full, free some space or raise the quota";
      case READ_ONLY -> "; the disk there is mounted read-only, mount it writable";
      case PERMISSION -> "; let the user of storage.remotes[].user read and write there";
      case UNSUPPORTED -> "; that server cannot hold it";
      case OTHER ->
          e.status() == SftpConstants.SSH_FX_FAILURE
              ? "; the server does not say why, its log may (a quota?)"
              : "";
      case NETWORK -> "; look at the server and the way to it";
      case AUTHENTICATION, NOT_THERE, TLS, CLOCK, THROTTLED, SERVER, CORRUPT -> "";
      case NO_SUCH_OBJECT, FOREIGN, CANCELLED -> "";
    };
  }
}
