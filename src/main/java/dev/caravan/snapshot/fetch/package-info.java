/** Reads objects whole, goes on where a stream broke off, and says what is not as it should be. */
@NullMarked
package dev.caravan.snapshot.fetch;

import org.jspecify.annotations.NullMarked;
