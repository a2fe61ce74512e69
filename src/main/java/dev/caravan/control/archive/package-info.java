/** The HTTP door to the queues of archives. */
@NullMarked
package dev.caravan.control.archive;

import org.jspecify.annotations.NullMarked;
