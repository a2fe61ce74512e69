package dev.caravan.sync.plan;

import java.util.Locale;

/** Why the mirror does, or does not do, something to a file. */
public enum SyncReason {
  /** The remote is not known to hold anything under this name. */
  NEW,
  /** The remote holds another size. */
  CHANGED,
  /** The size is the same, but something about the file changed: its content has to be compared. */
  TOUCHED,
  /** It had been put there before the catalog knew: the remote holds these bytes already. */
  ADOPTED,
  /** Only times or attributes changed: the remote holds these bytes already. */
  UNCHANGED,
  /** It lay there under another name before. */
  RENAMED,
  /** Its owner deleted it. */
  DELETED_BY_OWNER,
  /** Its owner deleted it, but the remote has no trash, or cannot delete: the copy stays there. */
  KEPT_AT_REMOTE,
  /** It was written to only just now; it is looked at again when it has been quiet. */
  SETTLING,
  /** It changed while it was read; it is looked at again when it has been quiet. */
  CHANGED_WHILE_READ,
  /** It was gone when its turn came. */
  VANISHED,
  /** It failed before; its next try is not due yet. */
  WAITING_AFTER_FAILURE,
  /** The remote cannot hold this name or size. */
  UNSUPPORTED_BY_REMOTE,
  /** The filters exclude it. */
  EXCLUDED,
  /** A symbolic link: not followed, not mirrored. */
  SYMLINK,
  /** A socket, pipe or device. */
  SPECIAL_FILE,
  /** A database that a program has open: what it had committed was sent, as a file of its own. */
  SNAPSHOT,
  /** The log or journal of a database; what it holds goes with the database. */
  DATABASE_LOG,
  /** A database in the middle of a transaction; it is looked at again in the next cycle. */
  DATABASE_BUSY,
  /** It could not be read. */
  UNREADABLE,
  /** Its bytes are not those that were hashed, though nothing says that it was written to. */
  DAMAGED,
  /** The disk that held it is not mounted. */
  MOUNT_AWAY,
  /** The first look that did not find it; a second one decides. */
  MISSING_ONCE,
  /** The remote refused or failed. */
  REMOTE_FAILED;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
