/** The proxy between Dgraph's clients and the Alpha: everything passes, exports are seen. */
@NullMarked
package dev.caravan.dgraph.proxy;

import org.jspecify.annotations.NullMarked;
