/** The walk of a store, in byte order of the paths. */
@NullMarked
package dev.caravan.store.scan;

import org.jspecify.annotations.NullMarked;
