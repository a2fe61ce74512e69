package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.remote.ObjectStat;
import dev.caravan.store.FileStat;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Decides whether what was found is what was proven. */
final class CheckPlanner {

  /**
   * Writes through a memory map stamp a file up to half a minute late: other bytes in a file that
   * changed a moment ago may be its owner's.
   */
  static final Duration QUIET = Duration.ofMinutes(2);

  private CheckPlanner() {}

  /** Whether an object is as long as it should be. */
  static Optional<CheckReason> compareSize(long sizeBytes, Proof proof) {
    if (sizeBytes == proof.sizeBytes()) {
      return Optional.empty();
    }
    return Optional.of(
        sizeBytes < proof.sizeBytes() ? CheckReason.TRUNCATED : CheckReason.DIFFERENT);
  }

  /** Whether bytes that were read are the right ones. */
  static Optional<CheckReason> compare(long sizeBytes, String sha256, Proof proof) {
    return compareSize(sizeBytes, proof)
        .or(
            () ->
                sha256.equals(proof.sha256())
                    ? Optional.empty()
                    : Optional.of(CheckReason.DIFFERENT));
  }

  /**
   * True when what the remote says of an object decides. A checksum that was recorded beside the
   * bytes does not: the bytes may have been put anew, which the remote's own name of them shows.
   */
  static boolean isTelling(ObjectStat found, Proof proof) {
    boolean putAnew =
        found.etag().isPresent() && proof.etag().isPresent() && !found.etag().equals(proof.etag());
    return found.sha256().isPresent() && !putAnew;
  }

  /** Whether a file of the store is, as far as a look tells, the version that was hashed. */
  static boolean isHashed(FileStat seen, FileRow row) {
    return seen.kind() == FileStat.Kind.FILE
        && seen.sizeBytes() == row.sizeBytes()
        && seen.modifiedNs() == row.modifiedNs()
        && seen.changedNs() == row.changedNs()
        && seen.inode() == row.inode();
  }

  /** What it means that a file has other bytes than when it was hashed, and the same stamps. */
  static CheckReason judgeOtherBytes(FileRow row, Instant now) {
    Instant changed = Instant.EPOCH.plusNanos(row.changedNs());
    return changed.isBefore(now.minus(QUIET))
        ? CheckReason.DAMAGED
        : CheckReason.CHANGED_SINCE_SYNC;
  }
}
