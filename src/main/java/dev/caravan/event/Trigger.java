package dev.caravan.event;

import java.util.Locale;

/** Why a run was asked for. */
public enum Trigger {
  SCHEDULE,
  WATCH,
  MANUAL,
  STARTUP,
  HOOK;

  /** The name in the catalog and the API. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
