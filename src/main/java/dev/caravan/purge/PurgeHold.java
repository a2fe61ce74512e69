package dev.caravan.purge;

import dev.caravan.event.StorePath;

/** Says which files must stay because somebody reads or restores them at this moment. */
public interface PurgeHold {

  /** Nobody does. */
  PurgeHold NONE = path -> false;

  boolean isHeld(StorePath path);
}
