/** How well the store is watched: what can be known of it, and the heartbeat that proves it. */
@NullMarked
package dev.caravan.store.watch;

import org.jspecify.annotations.NullMarked;
