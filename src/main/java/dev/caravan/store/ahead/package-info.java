/** The walk of a store on a thread of its own. */
@NullMarked
package dev.caravan.store.ahead;

import org.jspecify.annotations.NullMarked;
