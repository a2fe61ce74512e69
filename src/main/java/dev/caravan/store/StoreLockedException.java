package dev.caravan.store;

import java.io.IOException;
import java.nio.file.Path;

/** Another Caravan works on this store. */
public final class StoreLockedException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreLockedException(Path stateFolder, String holder) {
    super(
        "State folder "
            + stateFolder
            + " is in use by "
            + holder
            + "; stop that Caravan first, or give this one its own store.state");
  }
}
