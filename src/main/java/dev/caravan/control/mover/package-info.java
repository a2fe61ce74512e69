/** The door of the mover: one backup by the environment, in a Camel of its own. */
@NullMarked
package dev.caravan.control.mover;

import org.jspecify.annotations.NullMarked;
