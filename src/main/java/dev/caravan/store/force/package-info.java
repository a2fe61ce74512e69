/** How many files reach the disk together. */
@NullMarked
package dev.caravan.store.force;

import org.jspecify.annotations.NullMarked;
