package dev.caravan.store.scan;

import java.util.Optional;

/**
 * What came of reading a folder.
 *
 * @param listing what lies in it; absent when it could not be read, or is gone
 * @param problem why it could not be read; absent when it was, or when it is gone
 */
record FolderFound(Optional<FolderListing> listing, Optional<String> problem) {

  static final FolderFound GONE = new FolderFound(Optional.empty(), Optional.empty());

  static FolderFound read(FolderListing listing) {
    return new FolderFound(Optional.of(listing), Optional.empty());
  }

  static FolderFound unreadable(String why) {
    return new FolderFound(Optional.empty(), Optional.of(why));
  }

  /** So many entries it holds. */
  int count() {
    return listing.map(FolderListing::count).orElse(0);
  }
}
