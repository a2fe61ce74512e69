/** Makes what a mover works with from its settings. */
@NullMarked
package dev.caravan.snapshot.make;

import org.jspecify.annotations.NullMarked;
