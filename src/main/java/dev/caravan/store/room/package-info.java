/** Who is about to fill which room on the store's disk. */
@NullMarked
package dev.caravan.store.room;

import org.jspecify.annotations.NullMarked;
