package dev.caravan.restore;

import dev.caravan.catalog.RunBook;
import java.util.Optional;

/** Learns from the remotes what they hold, where neither store nor catalog knows of any file. */
public interface Rehydration {

  /** Learns nothing. */
  Rehydration NONE = (book, from) -> {};

  /**
   * Does so on a machine that is new, else nothing.
   *
   * @param from the only remote to ask; the first that has files of a store when empty
   * @throws RestoreException when the store cannot become the one whose files those are
   */
  void learn(RunBook book, Optional<String> from) throws RestoreException;
}
