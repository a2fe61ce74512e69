package dev.caravan.snapshot.move;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectStat;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.tree.TreeEntry;
import java.util.Optional;

/**
 * What is to be done for one name of the source, or of the last backup.
 *
 * @param found what the source has there; absent for what it has no more
 * @param before what the last backup had there
 * @param object what lies at the bucket: to be kept, compared, or copied from
 */
record Step(
    Way way,
    Optional<TreeEntry.Found> found,
    Optional<ManifestEntry> before,
    Optional<ObjectStat> object) {

  /** What is done. */
  enum Way {
    /** A folder or a link: it stands in the manifest, and nowhere else. */
    NOTE,
    /** The object is there and unchanged. */
    KEEP,
    /** The file is read and sent. */
    SEND,
    /** The server copies it from the last snapshot; where it cannot, it is sent. */
    COPY,
    /** An attempt before this one may have sent it: it is asked for, and sent if it is not that. */
    RESUME,
    /** The source has it no more, and the mirror keeps it. */
    CARRY,
    /** The source has it no more, and it goes to the trash of the mirror. */
    TRASH
  }

  StorePath path() {
    return found.map(TreeEntry.Found::path).orElseGet(() -> before.orElseThrow().path());
  }

  /** True when the bucket is not asked for anything, as far as is known now. */
  boolean isQuiet() {
    return switch (way) {
      case NOTE, KEEP, CARRY -> true;
      case SEND, COPY, RESUME, TRASH -> false;
    };
  }

  /** Bytes that may have to be sent. */
  long weight() {
    return switch (way) {
      case SEND, RESUME -> found.orElseThrow().stat().sizeBytes();
      case NOTE, KEEP, COPY, CARRY, TRASH -> 0;
    };
  }
}
