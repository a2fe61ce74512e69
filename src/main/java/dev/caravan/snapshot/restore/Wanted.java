package dev.caravan.snapshot.restore;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.store.place.Attributes;
import java.util.Optional;

/**
 * One file that is to be there in the end.
 *
 * @param key of the object that holds it
 * @param sha256 of its content, where that is on record
 * @param attributes where they are on record; else it gets those of any new file, and the time that
 *     is recorded beside the object
 * @param mirrored true when its object may be newer than the manifest, as in a mirror
 */
record Wanted(
    StorePath path,
    ObjectKey key,
    long sizeBytes,
    Optional<String> sha256,
    Optional<Attributes> attributes,
    boolean mirrored) {

  static Wanted of(ManifestEntry entry, String folder) {
    return new Wanted(
        entry.path(),
        new ObjectKey(folder + entry.path().value()),
        entry.sizeBytes(),
        entry.sha256(),
        Optional.of(attributesOf(entry)),
        folder.isEmpty());
  }

  /** A file of which no manifest knows. */
  static Wanted plain(StorePath path, ObjectStat listed) {
    return new Wanted(
        path, listed.key(), listed.sizeBytes(), Optional.empty(), Optional.empty(), false);
  }

  /** The same with what is recorded beside the object, which no listing shows. */
  Wanted with(ObjectStat found) {
    return new Wanted(path, key, found.sizeBytes(), found.sha256(), attributes, mirrored);
  }

  static Attributes attributesOf(ManifestEntry entry) {
    return new Attributes(entry.uid(), entry.gid(), entry.permissions(), entry.modifiedNs());
  }
}
