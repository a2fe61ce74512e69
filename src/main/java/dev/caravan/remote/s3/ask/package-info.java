/** How a server is asked: again soon where it asked to slow down, and once for all what it does. */
@NullMarked
package dev.caravan.remote.s3.ask;

import org.jspecify.annotations.NullMarked;
