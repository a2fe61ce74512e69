package dev.caravan.purge;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.purge.PurgeTable;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Asks remotes, now, whether they hold what they were shown to hold. A remote that is down is asked
 * once in a run, not once for every file.
 */
final class RemoteWitness {

  private final Map<Integer, String> down = new HashMap<>();

  /** Why a remote's copy does not count. */
  record Doubt(PurgeReason reason, String message) {}

  /** Empty when the remote holds exactly this version at this moment. */
  Optional<Doubt> doubt(PurgeRemote remote, FileRow file, PurgeTable.Proof proof) {
    String known = down.get(remote.id());
    if (known != null) {
      return Optional.of(new Doubt(PurgeReason.REMOTE_FAILED, known));
    }
    try {
      remote.ready().ensure();
      Optional<ObjectStat> found = remote.remote().find(ObjectKey.of(file.path()));
      return found.isEmpty()
          ? doubt(PurgeReason.GONE_AT_REMOTE, "remote '%s' does not hold it any more", remote)
          : judge(found.get(), file, proof, remote);
    } catch (RemoteException e) {
      String message = "remote '%s': %s".formatted(remote.name(), e.getMessage());
      // A remote that is left alone for a while may answer the next question.
      if (e.reason().concernsWholeRemote() && e.retryAfter().isEmpty()) {
        down.put(remote.id(), message);
      }
      return Optional.of(new Doubt(PurgeReason.REMOTE_FAILED, message));
    }
  }

  private static Optional<Doubt> judge(
      ObjectStat now, FileRow file, PurgeTable.Proof proof, PurgeRemote remote) {
    boolean replaced =
        now.sizeBytes() != file.sizeBytes()
            || differ(now.sha256(), file.sha256())
            || differ(now.etag(), proof.etag());
    if (replaced) {
      return doubt(PurgeReason.REPLACED_AT_REMOTE, "remote '%s' holds another version", remote);
    }
    boolean same =
        agree(now.sha256(), file.sha256())
            || agree(now.etag(), proof.etag())
            || agree(now.version(), proof.version());
    return same
        ? Optional.empty()
        : doubt(
            PurgeReason.REMOTE_CANNOT_TELL,
            "remote '%s' says neither a checksum nor what was recorded",
            remote);
  }

  private static boolean differ(Optional<String> now, Optional<String> then) {
    return now.isPresent() && then.isPresent() && !now.equals(then);
  }

  private static boolean agree(Optional<String> now, Optional<String> then) {
    return now.isPresent() && now.equals(then);
  }

  private static Optional<Doubt> doubt(PurgeReason reason, String form, PurgeRemote remote) {
    return Optional.of(new Doubt(reason, form.formatted(remote.name())));
  }
}
