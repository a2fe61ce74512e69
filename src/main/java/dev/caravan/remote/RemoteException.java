package dev.caravan.remote;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A remote did not do what it was asked. The message is one line for the operator: the thing, the
 * place, the cause, the next step. It never holds a secret.
 */
public final class RemoteException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What went wrong, in the words that decide what happens next. */
  public enum Cause {
    /** Unknown or wrong credentials, expired token. */
    AUTHENTICATION(false),
    /** The credentials are good but may not do this. */
    PERMISSION(false),
    /** The bucket, folder or endpoint is not there (not: one object). */
    NOT_THERE(false),
    /** Connection refused or lost, name not resolved, timeout. */
    NETWORK(true),
    /** The server's certificate or host key is not trusted or does not fit the name. */
    TLS(false),
    /** The clocks are too far apart. */
    CLOCK(false),
    /** No space, or a quota. */
    FULL(false),
    /** The remote may not be written to. */
    READ_ONLY(false),
    /** The remote asks to slow down. */
    THROTTLED(true),
    /** The remote failed inside (5xx). */
    SERVER(true),
    /** What arrived or was read is not what was sent. */
    CORRUPT(true),
    /** This remote cannot hold this name or size. */
    UNSUPPORTED(false),
    /** The object asked for is not there. */
    NO_SUCH_OBJECT(false),
    /** Another store's files lie at this place. */
    FOREIGN(false),
    /** The operation was cancelled. */
    CANCELLED(false),
    OTHER(false);

    private final boolean transientByNature;

    Cause(boolean transientByNature) {
      this.transientByNature = transientByNature;
    }

    /** True when the same call may succeed if it is made again shortly. */
    public boolean isTransient() {
      return transientByNature;
    }

    /** True when the whole remote is affected, so that trying further items is pointless. */
    public boolean concernsWholeRemote() {
      return switch (this) {
        case AUTHENTICATION, NOT_THERE, NETWORK, TLS, CLOCK, FULL, READ_ONLY, FOREIGN -> true;
        case PERMISSION,
            THROTTLED,
            SERVER,
            CORRUPT,
            UNSUPPORTED,
            NO_SUCH_OBJECT,
            CANCELLED,
            OTHER ->
            false;
      };
    }
  }

  private final Cause reason;
  private final @Nullable Duration retryAfter;

  public RemoteException(Cause reason, String message) {
    this(reason, message, null, null);
  }

  public RemoteException(Cause reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, null);
  }

  public RemoteException(
      Cause reason, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  public Cause reason() {
    return reason;
  }

  /** How long the remote asked to be left alone. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
