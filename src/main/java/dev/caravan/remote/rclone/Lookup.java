package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rclone.rcd.HashType;
import dev.caravan.remote.rclone.rcd.Rclone;
import java.util.Optional;

/** Says what lies under a key, and tells an absent object from an absent disk. */
final class Lookup {

  private final Rclone rclone;
  private final Storage storage;
  private final ObjectReads reads;
  private final boolean readBack;

  /**
   * @param readBack whether to read what has no hash, to know what it is
   */
  Lookup(Rclone rclone, Storage storage, ObjectReads reads, boolean readBack) {
    this.rclone = rclone;
    this.storage = storage;
    this.reads = reads;
    this.readBack = readBack;
  }

  Optional<ObjectStat> find(ObjectKey key, Abilities abilities) throws RemoteException {
    Optional<Entry> found = storage.find(RcloneNames.toRclone(key.value()), abilities.hashType());
    if (found.isEmpty()) {
      ensureThere(abilities);
      return Optional.empty();
    }
    Entry entry = found.get();
    boolean knowsSha256 = abilities.hashType().equals(Optional.of(HashType.SHA256));
    Optional<String> sha256 = entry.hash().filter(hash -> knowsSha256);
    if (entry.hash().isEmpty() && readBack) {
      sha256 = Optional.of(reads.sha256(key));
    }
    return Optional.of(
        new ObjectStat(
            key,
            entry.sizeBytes(),
            entry.modifiedAt(),
            Uploads.etag(entry, abilities),
            Optional.empty(),
            sha256));
  }

  /**
   * Where everything is absent, nothing is: a disk that is not mounted must not look emptied. The
   * probe left a folder there, where the storage keeps folders.
   */
  void ensureThere(Abilities abilities) throws RemoteException {
    if (abilities.folders() && abilities.isStaged() && !storage.isFolder(Temps.FOLDER)) {
      throw rclone
          .errors()
          .of(
              Cause.NOT_THERE,
              "its folder .caravan is gone, so what it holds cannot be told; mount it, or see"
                  + " whether it was emptied");
    }
  }
}
