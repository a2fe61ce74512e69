/** Gives disk space back: files whose copies are proven leave the store, and nothing else does. */
@NullMarked
package dev.caravan.purge;

import org.jspecify.annotations.NullMarked;
