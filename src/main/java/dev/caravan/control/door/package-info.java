/** The HTTP server: connections, limits, and what every answer carries. */
@NullMarked
package dev.caravan.control.door;

import org.jspecify.annotations.NullMarked;
