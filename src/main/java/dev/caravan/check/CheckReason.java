package dev.caravan.check;

import java.util.Locale;

/** What a check found out of order. With a remote it is about the copy there, else the store. */
public enum CheckReason {
  /** What the catalog says lies there does not. */
  MISSING,
  /** An object at the remote is no file of this store. */
  EXTRA,
  /** No difference: the same at a remote where the copies of deleted files stay. */
  KEPT,
  /** Other bytes lie there. */
  DIFFERENT,
  /** Less lies there. */
  TRUNCATED,
  /** The file in the store has other bytes than when it was read, and nobody wrote to it. */
  DAMAGED,
  /** No difference: the file in the store changed after the last sync, which is the next one's. */
  CHANGED_SINCE_SYNC,
  /** No difference: the copy of the catalog at the remote is older than a folder or link. */
  OUTDATED,
  /** The file in the store could not be read, so nothing is known of it. */
  UNREADABLE,
  /** The remote failed, so nothing is known of the object. */
  REMOTE_FAILED;

  /** The name in the catalog, the API and the metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True when store, catalog and remote do not agree. */
  boolean isDifference() {
    return switch (this) {
      case MISSING, EXTRA, DIFFERENT, TRUNCATED, DAMAGED -> true;
      case KEPT, CHANGED_SINCE_SYNC, OUTDATED, UNREADABLE, REMOTE_FAILED -> false;
    };
  }

  /** True when it could not be found out. */
  boolean isUnknown() {
    return this == UNREADABLE || this == REMOTE_FAILED;
  }
}
