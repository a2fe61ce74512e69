package dev.caravan.arch.sample.catalog;

import dev.caravan.arch.sample.store.FileDeleter;

/** Breaks a rule on purpose: looks at the room next door, which looks back. */
public final class NeighbourCatalog {
  public String look(FileDeleter neighbour) {
    return neighbour.toString();
  }
}
