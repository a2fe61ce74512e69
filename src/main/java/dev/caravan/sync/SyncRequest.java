package dev.caravan.sync;

import dev.caravan.event.Trigger;

/**
 * A wish for a cycle.
 *
 * @param dryRun only plan
 */
public record SyncRequest(Trigger trigger, boolean dryRun) {}
