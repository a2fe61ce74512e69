package dev.caravan.sync.plan;

import dev.caravan.catalog.CopyRow;
import java.util.List;
import java.util.Locale;

/**
 * What is to be done about one file at one remote, and why.
 *
 * @param unkept what the remote will not keep beside the bytes, in a few words each
 */
public record SyncAction(CopyRow row, Kind kind, SyncReason reason, List<String> unkept) {

  /** The same where nothing is known to be lost, or nothing is sent. */
  public SyncAction(CopyRow row, Kind kind, SyncReason reason) {
    this(row, kind, reason, List.of());
  }

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
