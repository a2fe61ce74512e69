package dev.caravan.catalog;

import java.util.Locale;

/** What a run counts. */
public enum RunCount {
  UPLOADED,
  RENAMED,
  DELETED,
  TRASHED,
  RESTORED,
  PURGED,
  VERIFIED,
  DIFFERENT,
  SKIPPED,
  FAILED;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
