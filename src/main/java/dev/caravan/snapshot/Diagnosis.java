package dev.caravan.snapshot;

import dev.caravan.remote.RemoteException;

/** Says in a word what is wrong with a bucket, and what to look at. */
public final class Diagnosis {

  private Diagnosis() {}

  /** One word with underscores, as metrics count it. */
  public static String word(Throwable fault) {
    if (!(fault instanceof RemoteException remote)) {
      return "failed";
    }
    return switch (remote.reason()) {
      case AUTHENTICATION, CLOCK -> "authentication";
      case PERMISSION, READ_ONLY -> "permission";
      case NOT_THERE -> "missing_bucket";
      case NETWORK, TLS -> "network";
      case FULL -> "no_space";
      case FOREIGN -> "foreign_prefix";
      case CANCELLED -> "stopped";
      case THROTTLED, SERVER, CORRUPT, UNSUPPORTED, NO_SUCH_OBJECT, OTHER -> "server";
    };
  }

  /** Why the connection test failed: one line that says what to do. */
  public static String connection(RemoteException fault) {
    String advice =
        switch (fault.reason()) {
          case AUTHENTICATION ->
              "authentication): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION: ";
          case CLOCK -> "authentication): set the clock of this machine or of the server: ";
          case PERMISSION, READ_ONLY ->
              "permission): let these keys list, read, write and delete in the bucket: ";
          case NOT_THERE -> "missing bucket): create it, or check BUCKET_NAME: ";
          case NETWORK ->
              "network): check BUCKET_HOST, BUCKET_PORT, TLS_HOST and network policies: ";
          case TLS -> "network): check TLS_HOST and the certificate of the server: ";
          case FULL -> "no space): make room at the server, or raise the quota: ";
          case FOREIGN -> "foreign prefix): ";
          case THROTTLED, SERVER, CORRUPT, UNSUPPORTED, NO_SUCH_OBJECT, CANCELLED, OTHER ->
              "server): look at the log of the S3 server: ";
        };
    return "Connection test failed (" + advice + said(fault);
  }

  /** What the remote advises after its facts may name keys of a file, which a mover has none of. */
  private static String said(RemoteException fault) {
    String message = String.valueOf(fault.getMessage());
    return switch (fault.reason()) {
      case AUTHENTICATION, NOT_THERE -> message.replaceFirst("; check [^;]*$", "");
      default -> message;
    };
  }
}
