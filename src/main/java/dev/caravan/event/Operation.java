package dev.caravan.event;

import java.util.Locale;

/** What a run does. */
public enum Operation {
  SYNC,
  PURGE,
  RESTORE,
  CHECK,
  SNAPSHOT,
  ARCHIVE,
  EXPORT,
  BACKFILL,
  STREAM;

  /** The name in the catalog, the API and the metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
