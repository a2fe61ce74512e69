package dev.caravan.purge;

import java.util.Locale;

/** Why a file leaves the disk, or stays. */
public enum PurgeReason {
  /** It leaves: there is less free space than there should be. */
  SPACE_NEEDED,
  /** It leaves: it is older than was asked for. */
  OLD_ENOUGH,
  /** It stays: enough space is free without it. */
  NOT_NEEDED,
  /** It stays: {@code purge.protect} names it, or it is Caravan's or dccd's own. */
  PROTECTED,
  /** It stays: {@code purge.include} does not name it. */
  NOT_INCLUDED,
  /** It stays: the filters of the store exclude it. */
  EXCLUDED,
  /** It stays: it changed within {@code purge.min_age}. */
  TOO_YOUNG,
  /** It stays: it was read or restored within {@code purge.min_age}. */
  READ_RECENTLY,
  /** It stays: it is not as old as was asked for. */
  NOT_OLD_ENOUGH,
  /** It stays: somebody reads or restores it at this moment. */
  IN_USE,
  /** It stays: the last look did not find it, so it may be on its way to be deleted. */
  MISSING,
  /** It stays: too few remotes were shown to hold its current version. */
  NOT_PROVEN,
  /** It stays: it is not the version that was hashed. */
  CHANGED,
  /** It stays: a link or a special file lies under its name by now. */
  NOT_A_FILE,
  /** It stays: it could not be looked at. */
  UNREADABLE,
  /** It stays: a remote that was shown to hold it does not hold it now. */
  GONE_AT_REMOTE,
  /** It stays: a remote holds something else under its name now. */
  REPLACED_AT_REMOTE,
  /** It stays: a remote cannot say enough of what it holds. */
  REMOTE_CANNOT_TELL,
  /** It stays: a remote failed, or did not answer. */
  REMOTE_FAILED,
  /** It stays: the file system refused to unlink it. */
  UNLINK_FAILED;

  /** The name in the catalog and the API. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True when it stays because somebody wants it so; else it would go if it could be proven. */
  boolean isWish() {
    return switch (this) {
      case SPACE_NEEDED,
          OLD_ENOUGH,
          NOT_NEEDED,
          PROTECTED,
          NOT_INCLUDED,
          EXCLUDED,
          TOO_YOUNG,
          READ_RECENTLY,
          NOT_OLD_ENOUGH,
          IN_USE,
          MISSING ->
          true;
      case NOT_PROVEN,
          CHANGED,
          NOT_A_FILE,
          UNREADABLE,
          GONE_AT_REMOTE,
          REPLACED_AT_REMOTE,
          REMOTE_CANNOT_TELL,
          REMOTE_FAILED,
          UNLINK_FAILED ->
          false;
    };
  }
}
