package dev.caravan.catalog.turn;

/**
 * What a wake-up carries. It begins what waits, and nothing where nothing waits (any more), while
 * anything else that is sent there wants a run of its own.
 */
public enum RunWake {
  UP
}
