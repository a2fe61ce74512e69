/** How much room the store's disk has, and who is about to fill it. */
@NullMarked
package dev.caravan.store.room;

import org.jspecify.annotations.NullMarked;
