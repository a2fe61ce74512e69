package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneErrors;
import java.util.Optional;

/** Lets the storage copy what was proven, where its hashes can show that it is that. */
final class ServerCopies {

  private final Rclone rclone;
  private final Lookup lookup;
  private final Uploads uploads;

  ServerCopies(Rclone rclone, Lookup lookup, Uploads uploads) {
    this.rclone = rclone;
    this.lookup = lookup;
    this.uploads = uploads;
  }

  /** What the storage holds under the new key; empty when it cannot copy, or cannot show it. */
  Optional<ObjectStat> copy(ObjectStat from, ObjectKey to, Abilities abilities)
      throws RemoteException {
    if (!abilities.copies()) {
      return Optional.empty();
    }
    Optional<ObjectStat> there = lookup.find(from.key(), abilities);
    if (there.isEmpty()) {
      throw rclone
          .errors()
          .of(Cause.NO_SUCH_OBJECT, "there is no object " + RcloneErrors.shown(from.key()));
    }
    if (!isProvable(from, there.get())) {
      return Optional.empty();
    }
    ensureSame(from, there.get());
    uploads.copy(from, to, abilities);
    Optional<ObjectStat> copied = lookup.find(to, abilities);
    if (copied.isEmpty() || !isProvable(from, copied.get())) {
      return Optional.empty();
    }
    ensureSame(from, copied.get());
    return copied.map(stat -> withSha256(stat, from.sha256()));
  }

  private static boolean isProvable(ObjectStat proven, ObjectStat there) {
    return (there.sha256().isPresent() && proven.sha256().isPresent())
        || (there.etag().isPresent() && proven.etag().isPresent());
  }

  private void ensureSame(ObjectStat proven, ObjectStat there) throws RemoteException {
    boolean same =
        there.sha256().isPresent()
            ? there.sha256().equals(proven.sha256())
            : there.etag().equals(proven.etag());
    if (!same || there.sizeBytes() != proven.sizeBytes()) {
      throw rclone
          .errors()
          .of(Cause.CORRUPT, RcloneErrors.shown(there.key()) + " is not what was stored there");
    }
  }

  private static ObjectStat withSha256(ObjectStat stat, Optional<String> sha256) {
    return new ObjectStat(
        stat.key(), stat.sizeBytes(), stat.modifiedAt(), stat.etag(), stat.version(), sha256);
  }
}
