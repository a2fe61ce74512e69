package dev.caravan.snapshot.move;

import dev.caravan.remote.ObjectStat;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.move.Step.Way;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.store.FileStat.Kind;
import java.time.Instant;
import java.util.Optional;

/** Decides what becomes of a name that the source has. */
final class StepPlanner {

  private StepPlanner() {}

  /**
   * What a mirror needs.
   *
   * @param before the same name in the manifest of the mirror
   * @param there the object under its key, as it is listed
   * @param sealedAt when that manifest was put, by the same clock: it does not know what came later
   */
  static Step mirrored(
      TreeEntry.Found found,
      Optional<ManifestEntry> before,
      Optional<ObjectStat> there,
      Instant sealedAt) {
    if (found.kind() != Kind.FILE) {
      return step(Way.NOTE, found, before, Optional.empty());
    }
    Optional<ObjectStat> same = there.filter(each -> each.sizeBytes() == found.stat().sizeBytes());
    if (same.isEmpty()) {
      return step(Way.SEND, found, before, Optional.empty());
    }
    boolean known = !same.get().modifiedAt().isAfter(sealedAt) && isUnchanged(found, before);
    return step(known ? Way.KEEP : Way.RESUME, found, before, same);
  }

  /**
   * What a snapshot needs.
   *
   * @param before the same name in the manifest of the last snapshot
   * @param there the object in this snapshot's folder, from an attempt before this one
   * @param origin the object in the last snapshot's folder
   */
  static Step dated(
      TreeEntry.Found found,
      Optional<ManifestEntry> before,
      Optional<ObjectStat> there,
      Optional<ObjectStat> origin) {
    if (found.kind() != Kind.FILE) {
      return step(Way.NOTE, found, before, Optional.empty());
    }
    long size = found.stat().sizeBytes();
    Optional<ObjectStat> sent = there.filter(each -> each.sizeBytes() == size);
    if (sent.isPresent()) {
      return step(Way.RESUME, found, before, sent);
    }
    Optional<ObjectStat> same = origin.filter(each -> each.sizeBytes() == size);
    boolean copied = same.isPresent() && isUnchanged(found, before);
    return step(copied ? Way.COPY : Way.SEND, found, before, copied ? same : Optional.empty());
  }

  /** True when size and time of modification say that the content is that of the last backup. */
  static boolean isUnchanged(TreeEntry.Found found, Optional<ManifestEntry> before) {
    return before
        .filter(ManifestEntry::isFile)
        .filter(each -> each.sizeBytes() == found.stat().sizeBytes())
        .filter(each -> each.modifiedNs() == found.stat().modifiedNs())
        .isPresent();
  }

  private static Step step(
      Way way, TreeEntry.Found found, Optional<ManifestEntry> before, Optional<ObjectStat> object) {
    return new Step(way, Optional.of(found), before, object);
  }
}
