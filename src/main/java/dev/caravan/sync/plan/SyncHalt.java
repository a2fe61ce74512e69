package dev.caravan.sync.plan;

import dev.caravan.catalog.HaltRow;
import java.util.Locale;

/** A refusal to go on until a person agrees. */
public record SyncHalt(Kind kind, String message) {

  /** A remote does not carry the marker that this store left there. */
  public static SyncHalt emptied(String remote, String identity) {
    return new SyncHalt(
        Kind.REMOTE_EMPTIED,
        ("Remote '%s' (%s) does not carry the marker of this store any more: is its disk mounted?"
                + " If it was emptied on purpose, approve, and all files are sent again: caravan"
                + " sync --accept-halt")
            .formatted(remote, identity));
  }

  /**
   * A remote holds another store's files.
   *
   * @param empty this store has none, as on a new machine
   */
  public static SyncHalt foreign(
      String remote, String identity, String owner, String storeId, boolean empty) {
    return new SyncHalt(
        Kind.REMOTE_FOREIGN,
        ("Remote '%s' (%s) holds the files of store %s, and this is store %s%s: is the right disk"
                + " mounted, is store.path right?%s To take the remote over, its files kept,"
                + " approve: caravan sync --accept-halt")
            .formatted(
                remote,
                identity,
                owner,
                storeId,
                empty ? ", which is empty" : "",
                empty ? " On a new machine, this brings them back: caravan restore --all." : ""));
  }

  /** True when a recorded halt is of this kind. */
  public static boolean isKind(HaltRow row, Kind kind) {
    return row.kind().equals(kind.label());
  }

  /** What was found. */
  public enum Kind {
    /** The store's folder is not there. */
    STORE_MISSING,
    /** The store's marker is not there: perhaps a disk is not mounted. */
    MARKER_MISSING,
    /** The store's marker names another store: perhaps another disk is mounted. */
    MARKER_FOREIGN,
    /** No file is left of a store that had some. */
    STORE_EMPTY,
    /** A disk that was mounted within the store is not there. */
    MOUNT_AWAY,
    /** More files are gone than may be deleted without asking. */
    MAX_DELETE,
    /** A remote holds the files of another store. */
    REMOTE_FOREIGN,
    /** A remote lost the marker that this store left there: perhaps its disk is not mounted. */
    REMOTE_EMPTIED;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** True when nothing at all may be moved; else only deletions, or one remote, wait. */
    public boolean stopsEverything() {
      return switch (this) {
        case STORE_MISSING, MARKER_MISSING, MARKER_FOREIGN, STORE_EMPTY -> true;
        case MOUNT_AWAY, MAX_DELETE, REMOTE_FOREIGN, REMOTE_EMPTIED -> false;
      };
    }
  }
}
