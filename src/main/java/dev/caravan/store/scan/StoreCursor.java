package dev.caravan.store.scan;

import java.util.Optional;

/**
 * A scan in progress: yields what lies in the store in byte order of the path, holding one folder
 * per level in memory.
 */
public interface StoreCursor extends AutoCloseable {
  /** The next entry; empty at the end. */
  Optional<ScanEntry> next();

  @Override
  void close();
}
