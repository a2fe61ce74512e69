/** Puts together what brings Dgraph's exports. */
@NullMarked
package dev.caravan.dgraph.make;

import org.jspecify.annotations.NullMarked;
