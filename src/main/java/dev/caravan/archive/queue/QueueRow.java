package dev.caravan.archive.queue;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One registered file: its row as SupRsync has it, and what Caravan knows of it.
 *
 * @param localPath absolute, in the text form of {@link dev.caravan.event.PathNames}
 * @param remotePath below the base, as it was registered, in the same form
 * @param timestamp when it was registered, in seconds since 1970, as all times here
 * @param remoteMd5 what the destination held when it was asked last
 * @param copied when it was tried last
 * @param removed when the local file was deleted; 0 when it was missing then
 * @param attempts that failed
 * @param verifiedAt when the destination was found to hold exactly this content
 * @param sha256 of the content, where it was worked out
 * @param seen how the local file looked when its copy was verified
 * @param version 1 for the content that was registered, one more for each change that was found
 * @param dead why it was given up
 * @param reason what was last said of it
 */
public record QueueRow(
    long id,
    String localPath,
    String localMd5,
    String archive,
    String remotePath,
    double timestamp,
    Optional<String> remoteMd5,
    OptionalDouble copied,
    OptionalDouble removed,
    int attempts,
    boolean deletable,
    boolean ignored,
    OptionalDouble verifiedAt,
    Optional<String> sha256,
    Optional<Seen> seen,
    int version,
    boolean dead,
    Optional<String> reason) {

  /** How a file looked: a change of any of these may be a change of its content. */
  public record Seen(long sizeBytes, long modifiedNs, long changedNs, long inode) {}

  /** True when the destination holds what the local file was, as far as is known. */
  public boolean isCopied() {
    return remoteMd5.filter(localMd5::equals).isPresent();
  }

  /**
   * Where it stands, in one word.
   *
   * @param maxAttempts after which it is given up
   */
  public State state(int maxAttempts) {
    if (removed.isPresent()) {
      return State.REMOVED;
    }
    if (ignored) {
      return State.IGNORED;
    }
    if (isCopied()) {
      return State.COPIED;
    }
    if (dead || attempts >= maxAttempts) {
      return State.DEAD;
    }
    return attempts > 0 ? State.FAILING : State.QUEUED;
  }

  /** Where a file stands. */
  public enum State {
    /** Not tried yet. */
    QUEUED,
    /** Tried, and to be tried again. */
    FAILING,
    /** Given up until somebody says retry. */
    DEAD,
    /** At the destination, and verified; the local file is still there. */
    COPIED,
    /** At the destination; the local file was deleted, or was missing. */
    REMOVED,
    /** Somebody said that it is not to be copied. */
    IGNORED;

    /** The name in the API. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The same on the command line. */
    @Override
    public String toString() {
      return label();
    }
  }
}
