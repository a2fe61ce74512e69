/** The SQLite record of what is where; one writer. */
@NullMarked
package dev.caravan.catalog;

import org.jspecify.annotations.NullMarked;
