package dev.caravan.remote.rclone;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.rclone.rcd.HashType;
import dev.caravan.remote.rclone.rcd.Offer;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneErrors;
import dev.caravan.remote.rclone.rcd.StoreSource;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends contents, whole or not at all, and proves what arrived.
 *
 * <p>Where a file could be seen half done, it is sent to a temporary name and renamed. rclone is
 * told no hash beforehand, so that a hash it knows afterwards comes from the storage and is no echo
 * of ours.
 */
final class Uploads {

  private final Rclone rclone;
  private final Storage storage;
  private final ObjectReads reads;
  private final Obstacles obstacles;
  private final Temps temps;
  private final boolean readBack;
  private final Turns turns = new Turns();
  private final AtomicLong groups = new AtomicLong();

  Uploads(
      Rclone rclone,
      Storage storage,
      ObjectReads reads,
      Obstacles obstacles,
      Temps temps,
      boolean readBack) {
    this.rclone = rclone;
    this.storage = storage;
    this.reads = reads;
    this.obstacles = obstacles;
    this.temps = temps;
    this.readBack = readBack;
  }

  StoredObject put(ObjectKey key, ObjectContent content, Abilities abilities)
      throws RemoteException, IOException {
    if (abilities.isStaged()) {
      return putStaged(key, content, abilities);
    }
    turns.await(key, rclone.errors());
    try {
      return putDirectly(key, content, abilities);
    } finally {
      turns.end(key);
    }
  }

  private StoredObject putDirectly(ObjectKey key, ObjectContent content, Abilities abilities)
      throws RemoteException, IOException {
    try {
      return send(key.value(), key, content, abilities);
    } catch (RemoteException e) {
      if (!abilities.tried().displaces() || !obstacles.clear(key.value(), abilities)) {
        throw e;
      }
      return send(key.value(), key, content, abilities);
    }
  }

  private StoredObject putStaged(ObjectKey key, ObjectContent content, Abilities abilities)
      throws RemoteException, IOException {
    String temp = temps.begin(key.value());
    boolean placed = false;
    try {
      StoredObject stored = send(temp, key, content, abilities);
      content.ensureUnchanged();
      place(temp, key.value(), abilities);
      placed = true;
      return stored;
    } finally {
      if (!placed) {
        storage.tryDelete(temp);
      }
      temps.end(temp);
    }
  }

  /** Lets the storage copy what was proven to be there. */
  void copy(ObjectStat from, ObjectKey to, Abilities abilities) throws RemoteException {
    String source = RcloneNames.toRclone(from.key().value());
    if (!abilities.isStaged()) {
      storage.copy(source, RcloneNames.toRclone(to.value()), abilities.objectStore());
      return;
    }
    String temp = temps.begin(to.value());
    boolean placed = false;
    try {
      storage.copy(source, temp, true);
      place(temp, to.value(), abilities);
      placed = true;
    } finally {
      if (!placed) {
        storage.tryDelete(temp);
      }
      temps.end(temp);
    }
  }

  /** Renames to a key, replacing an object and moving aside what else is there. */
  void place(String path, String key, Abilities abilities) throws RemoteException {
    boolean blindly = abilities.objectStore() || abilities.tried().replaces();
    String to = RcloneNames.toRclone(key);
    try {
      storage.move(path, to, blindly);
    } catch (RemoteException e) {
      // Others may also have removed the folder just now, because it was empty: it is made anew.
      boolean cleared = abilities.tried().displaces() && obstacles.clear(key, abilities);
      if (!cleared && storage.find(path, Optional.empty()).isEmpty()) {
        throw e;
      }
      storage.move(path, to, blindly);
    }
  }

  private StoredObject send(String at, ObjectKey key, ObjectContent content, Abilities abilities)
      throws RemoteException, IOException {
    Offer offer = new Offer(RcloneErrors.shown(key), content, abilities.hashType());
    String path = RcloneNames.toRclone(at);
    StoreSource.Place offered = rclone.source().add(offer);
    String group = "caravan-" + groups.incrementAndGet();
    boolean blindly = abilities.objectStore() || abilities.isStaged();
    try {
      storage.send(offer, offered, path, blindly, group);
    } catch (RemoteException e) {
      offer.rethrow();
      throw e;
    } finally {
      rclone.source().remove(offered);
    }
    try {
      return prove(path, at, key, offer, abilities);
    } catch (RemoteException e) {
      if (e.reason() == Cause.CORRUPT) {
        storage.tryDelete(path);
      }
      throw e;
    }
  }

  private StoredObject prove(
      String path, String at, ObjectKey key, Offer offer, Abilities abilities)
      throws RemoteException {
    Entry entry =
        storage
            .find(path, abilities.hashType())
            .orElseThrow(() -> corrupt(key, "is not there after it was sent"));
    long sizeBytes = offer.content().sizeBytes();
    if (!offer.isComplete() || entry.sizeBytes() != sizeBytes) {
      throw corrupt(key, "has %d bytes there, not %d".formatted(entry.sizeBytes(), sizeBytes));
    }
    Optional<String> hash = entry.hash();
    if (hash.isPresent() && !hash.equals(offer.hash())) {
      throw corrupt(key, "has another " + abilities.hashType().orElseThrow().label() + " there");
    }
    Proof proof = Proof.SIZE_ONLY;
    if (hash.isPresent()) {
      proof = abilities.reads() ? Proof.READ_BACK : Proof.SERVER_CHECKED;
    } else if (readBack) {
      if (!reads.sha256(new ObjectKey(at)).equals(offer.content().sha256())) {
        throw corrupt(key, "reads otherwise than it was sent");
      }
      proof = Proof.READ_BACK;
    }
    return new StoredObject(etag(entry, abilities), Optional.empty(), proof);
  }

  /** A hash names a content as well as any tag; SHA-256 is told apart, see {@link ObjectStat}. */
  static Optional<String> etag(Entry entry, Abilities abilities) {
    boolean sha256 = abilities.hashType().equals(Optional.of(HashType.SHA256));
    return sha256 ? Optional.empty() : entry.hash();
  }

  private RemoteException corrupt(ObjectKey key, String what) {
    return rclone
        .errors()
        .of(Cause.CORRUPT, RcloneErrors.shown(key) + " " + what + "; it is sent again");
  }
}
