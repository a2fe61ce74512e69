package dev.caravan.sync.plan;

import dev.caravan.catalog.CopyRow;
import java.util.Locale;

/** What is to be done about one file at one remote, and why. */
public record SyncAction(CopyRow row, Kind kind, SyncReason reason) {

  /** What is done. */
  public enum Kind {
    /** Read it, and send it unless the remote turns out to hold these bytes. */
    UPLOAD,
    SKIP,
    /** It cannot be done; a person has to change something. */
    FAIL;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
