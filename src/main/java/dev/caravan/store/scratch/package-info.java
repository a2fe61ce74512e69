/** Room for files that are no part of the store. */
@NullMarked
package dev.caravan.store.scratch;

import org.jspecify.annotations.NullMarked;
