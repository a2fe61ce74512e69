package dev.caravan.store.watch;

import dev.caravan.event.StorePath;
import java.util.Optional;

/** Is told of changes in the store. */
@FunctionalInterface
public interface ChangeListener {

  /**
   * Something was made, changed or taken away.
   *
   * @param path where; empty when that may be anywhere
   */
  void changed(Optional<StorePath> path);
}
