/** The HTTP door. */
@NullMarked
package dev.caravan.control;

import org.jspecify.annotations.NullMarked;
