/** The door to how hard, how fast and whether remotes are worked. */
@NullMarked
package dev.caravan.control.flow;

import org.jspecify.annotations.NullMarked;
