/** Settings: the records, where they are read from, and every problem found on the way. */
@NullMarked
package dev.caravan.config;

import org.jspecify.annotations.NullMarked;
