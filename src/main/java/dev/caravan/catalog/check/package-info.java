/** What the catalog knows of what a check compares. */
@NullMarked
package dev.caravan.catalog.check;

import org.jspecify.annotations.NullMarked;
