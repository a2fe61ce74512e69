package dev.caravan.store.scan;

import dev.caravan.store.StoreMissingException;
import java.util.Optional;

/** The folders of a walk, read one after the other in the order in which a scan enters them. */
interface FolderFeed extends AutoCloseable {

  /**
   * The top first, then each folder that the ones before list; empty after the last one.
   *
   * @throws StoreMissingException when the top went away, which is also looked for at the end
   */
  Optional<FolderFound> next();

  @Override
  void close();
}
