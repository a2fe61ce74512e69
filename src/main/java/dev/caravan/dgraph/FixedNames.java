package dev.caravan.dgraph;

import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.config.DgraphSettings;
import dev.caravan.event.ContentChangedException;
import java.util.Optional;

/**
 * Where each export takes the names of the one before, one at a time has them: two at once could
 * overwrite each other after one of them was proven and cleaned up. Thread safe.
 */
final class FixedNames {

  private final DgraphSettings settings;
  private final ExportFiles files;
  private Optional<Long> holder = Optional.empty();

  FixedNames(DgraphSettings settings, ExportFiles files) {
    this.settings = settings;
    this.files = files;
  }

  private boolean areWanted() {
    return settings.naming() == DgraphSettings.Naming.DSYNC;
  }

  /**
   * Gives the names to one export until {@link #release}.
   *
   * @param olderComes whether an older export is about to ask for them
   * @return false while it has to wait; always true where names are not fixed
   */
  synchronized boolean take(long id, boolean olderComes) {
    if (!areWanted()) {
      return true;
    }
    if (holder.isEmpty() && !olderComes) {
      holder = Optional.of(id);
    }
    return isHeldBy(id);
  }

  private boolean isHeldBy(long id) {
    return holder.isPresent() && holder.get() == id;
  }

  synchronized void release(long id) {
    if (isHeldBy(id)) {
      holder = Optional.empty();
    }
  }

  /** Which newer export has the names, where they are fixed: an older one does not take them. */
  Optional<String> superseded(ExportRow row) {
    String why = "a newer export (read timestamp %d) has its names; its files stay where they are";
    return areWanted() ? files.newerDone(row).map(why::formatted) : Optional.empty();
  }

  /** Throws when a newer export has the names of this one. */
  void ensureLatest(ExportRow row) throws ContentChangedException {
    Optional<String> superseded = superseded(row);
    if (superseded.isPresent()) {
      throw new ContentChangedException(superseded.get());
    }
  }
}
