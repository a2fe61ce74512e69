package dev.caravan.snapshot.restore;

import dev.caravan.event.StorePath;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What is restored of a snapshot: all, or a file or folder with what lies below it. */
final class Selection {

  private final Optional<StorePath> only;

  /** Folders above it that were missing: few, for a path has few folders. */
  private final Set<StorePath> made = new HashSet<>();

  Selection(Optional<StorePath> only) {
    this.only = only;
  }

  /** True for what was asked for. */
  boolean has(StorePath path) {
    return only.isEmpty() || path.isWithin(only.get().value());
  }

  /** True for that, and for the folders above it. */
  boolean needs(StorePath path) {
    return has(path) || isAbove(path);
  }

  /** True for a folder that is to get its attributes: one above that was there keeps its own. */
  boolean finishes(StorePath path) {
    return has(path) || made.contains(path);
  }

  void made(StorePath path) {
    if (isAbove(path)) {
      made.add(path);
    }
  }

  private boolean isAbove(StorePath path) {
    return only.isPresent() && only.get().isWithin(path.value());
  }
}
