/** Reads what was asked of Dgraph's {@code /admin} and what it answered, to find exports. */
@NullMarked
package dev.caravan.dgraph.read;

import org.jspecify.annotations.NullMarked;
