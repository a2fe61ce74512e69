package dev.caravan.remote.s3.wire;

import dev.caravan.event.Causes;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Says what a refusal or a broken connection means, in one line for the operator. */
public final class S3Errors {

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final String name;
  private final S3Address address;
  private final ServerClock clock;

  public S3Errors(String name, S3Address address, ServerClock clock) {
    this.name = name;
    this.address = address;
    this.clock = clock;
  }

  /** What an answer that is not a success means. */
  public RemoteException refused(S3Request request, S3Reply reply) {
    ErrorBody error = reply.error();
    String region = reply.header("x-amz-bucket-region").orElse(error.region());
    Cause cause = causeOf(reply.status(), error.code(), !region.isEmpty(), request.key().isEmpty());
    String said =
        error.code().isEmpty()
            ? "HTTP " + reply.status()
            : error.code() + (error.message().isEmpty() ? "" : ", " + error.message());
    String step = nextStep(cause, error.code(), region);
    return new RemoteException(
        cause, line(request.toString(), said, step), null, retryAfter(reply).orElse(null));
  }

  /** What an error document inside an answer that began as a success means. */
  public RemoteException refusedLate(String doing, ErrorBody error) {
    Cause cause = causeOf(500, error.code(), false, false);
    return of(cause, doing, error.code() + ", " + error.message(), nextStep(cause, "", ""));
  }

  /** What one entry of a list of errors means. */
  public RemoteException refusedEntry(String doing, String code, String message) {
    Cause cause = causeOf(code.isEmpty() ? 500 : 400, code, false, false);
    return of(cause, doing, code + ", " + ErrorBody.oneLine(message), nextStep(cause, code, ""));
  }

  /** What an error on the wire means. */
  public RemoteException broken(S3Request request, Throwable failure) {
    Cause cause = isAboutTrust(failure) ? Cause.TLS : Cause.NETWORK;
    String what =
        cause == Cause.TLS ? "no TLS (" + message(Causes.rootOf(failure)) + ")" : describe(failure);
    String step =
        cause == Cause.TLS
            ? "check the certificate, or add its issuer to Java's trust store"
            : "check the endpoint and the network";
    return new RemoteException(cause, line(request.toString(), what, step), failure);
  }

  public RemoteException cancelled(S3Request request) {
    return of(Cause.CANCELLED, request.toString(), "the remote was closed", "none needed");
  }

  public RemoteException corrupt(String doing, String what) {
    return of(Cause.CORRUPT, doing, what, "it is tried again");
  }

  public RemoteException of(Cause cause, String doing, String said, String step) {
    return new RemoteException(cause, line(doing, said, step));
  }

  private String line(String doing, String said, String step) {
    return "Remote '%s' (%s): %s failed: %s; %s"
        .formatted(name, address.identity(), ErrorBody.oneLine(doing), said, step);
  }

  private static Cause causeOf(int status, String code, boolean elsewhere, boolean ofBucket) {
    return switch (code) {
      case "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "ExpiredToken",
          "InvalidToken",
          "TokenRefreshRequired",
          "InvalidSecurity",
          "MissingSecurityHeader" ->
          Cause.AUTHENTICATION;
      case "AuthorizationHeaderMalformed" -> elsewhere ? Cause.NOT_THERE : Cause.AUTHENTICATION;
      case "AccessDenied", "AllAccessDisabled", "AccountProblem" -> Cause.PERMISSION;
      case "RequestTimeTooSkewed", "RequestExpired" -> Cause.CLOCK;
      case "NoSuchBucket", "PermanentRedirect", "IllegalLocationConstraintException" ->
          Cause.NOT_THERE;
      case "NoSuchKey", "NoSuchVersion" -> Cause.NO_SUCH_OBJECT;
      case "SlowDown",
          "Throttling",
          "ThrottlingException",
          "TooManyRequests",
          "ServiceUnavailable" ->
          Cause.THROTTLED;
      case "RequestTimeout" -> Cause.NETWORK;
      case "QuotaExceeded", "InsufficientCapacity", "XMinioStorageFull" -> Cause.FULL;
      case "BadDigest",
          "XAmzContentSHA256Mismatch",
          "XAmzContentChecksumMismatch",
          "IncompleteBody",
          "InvalidPart" ->
          Cause.CORRUPT;
      case "KeyTooLongError", "EntityTooLarge", "InvalidObjectName", "NotImplemented" ->
          Cause.UNSUPPORTED;
      case "InternalError", "OperationAborted", "NoSuchUpload" -> Cause.SERVER;
      default -> causeOf(status, elsewhere, ofBucket);
    };
  }

  private static Cause causeOf(int status, boolean elsewhere, boolean ofBucket) {
    return switch (status) {
      case 301, 307, 308 -> Cause.NOT_THERE;
      case 400 -> elsewhere ? Cause.NOT_THERE : Cause.OTHER;
      case 401 -> Cause.AUTHENTICATION;
      case 403 -> Cause.PERMISSION;
      case 404 -> ofBucket ? Cause.NOT_THERE : Cause.NO_SUCH_OBJECT;
      case 408 -> Cause.NETWORK;
      case 413, 501 -> Cause.UNSUPPORTED;
      case 416 -> Cause.CORRUPT;
      case 429, 503 -> Cause.THROTTLED;
      case 507 -> Cause.FULL;
      default -> status >= 500 ? Cause.SERVER : Cause.OTHER;
    };
  }

  private String nextStep(Cause cause, String code, String region) {
    return switch (cause) {
      case AUTHENTICATION ->
          code.equals("ExpiredToken")
              ? "renew the session token"
              : "check access_key_id, secret_access_key and session_token";
      case PERMISSION -> "allow this key the action on bucket '" + address.bucket() + "'";
      case NOT_THERE ->
          region.isEmpty()
              ? "check bucket, endpoint and region, or set create_bucket"
              : "the bucket lies in region " + region + ": set region to that";
      case CLOCK ->
          "this machine's clock is off by about " + minutes(clock.offset()) + ": set it right";
      case THROTTLED -> "it is tried again later; fewer transfers help if this lasts";
      case FULL -> "make room or raise the quota";
      case CORRUPT, SERVER, NETWORK -> "it is tried again";
      case UNSUPPORTED -> "this server cannot do that";
      case NO_SUCH_OBJECT -> "the object is not there";
      case TLS, READ_ONLY, FOREIGN, CANCELLED, OTHER -> "see the server's words";
    };
  }

  private static String minutes(Duration offset) {
    return offset.abs().toMinutes() + " min";
  }

  private Optional<Duration> retryAfter(S3Reply reply) {
    return reply.header("Retry-After").flatMap(this::parseWait);
  }

  private Optional<Duration> parseWait(String text) {
    Duration wait;
    try {
      wait = Duration.ofSeconds(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      try {
        ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
        wait = Duration.between(clock.instant(), until.toInstant());
      } catch (DateTimeException ignored) {
        return Optional.empty();
      }
    }
    if (wait.isNegative()) {
      return Optional.of(Duration.ZERO);
    }
    return Optional.of(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait);
  }

  private static boolean isAboutTrust(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SSLHandshakeException
          || t instanceof SSLPeerUnverifiedException
          || t instanceof CertificateException) {
        return true;
      }
      // What Java says when the other side does not speak TLS at all.
      if (t instanceof SSLException && String.valueOf(t.getMessage()).contains("unrecognized")) {
        return true;
      }
    }
    return false;
  }

  private String describe(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof UnknownHostException) {
        return "host " + address.host() + " is not known";
      }
      if (t instanceof SocketTimeoutException) {
        return "no answer in time (" + message(t) + ")";
      }
      if (t instanceof ConnectException) {
        return "no connection (" + message(t) + ")";
      }
    }
    return failure instanceof IOException
        ? "the connection broke (" + message(failure) + ")"
        : message(failure);
  }

  private static String message(Throwable t) {
    return ErrorBody.oneLine(Causes.textOf(t));
  }
}
