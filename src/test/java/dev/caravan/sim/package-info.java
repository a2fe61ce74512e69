/** Long random histories of the mirror, and what must hold after every step of them. */
@NullMarked
package dev.caravan.sim;

import org.jspecify.annotations.NullMarked;
