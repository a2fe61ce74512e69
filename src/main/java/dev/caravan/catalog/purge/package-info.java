/** What may leave the disk, and the decision that it does. */
@NullMarked
package dev.caravan.catalog.purge;

import org.jspecify.annotations.NullMarked;
