/** Bringing one remote up to date: uploads, deletions, ownership, the catalog's copy. */
@NullMarked
package dev.caravan.sync.move;

import org.jspecify.annotations.NullMarked;
