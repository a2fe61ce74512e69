/** Looking at the store and comparing it with the catalog. */
@NullMarked
package dev.caravan.sync.detect;

import org.jspecify.annotations.NullMarked;
