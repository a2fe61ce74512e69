package dev.caravan.remote.flow;

import dev.caravan.remote.RateLimit;

/**
 * What can be asked of, and set at, a remote while it works.
 *
 * @param flow how hard it is worked
 * @param limit how fast bytes may move
 */
public record Controls(FlowRemote flow, RateLimit limit) {}
