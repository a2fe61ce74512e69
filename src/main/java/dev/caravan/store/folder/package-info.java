/** Takes whole folders away: empty ones, and by renaming others. */
@NullMarked
package dev.caravan.store.folder;

import org.jspecify.annotations.NullMarked;
