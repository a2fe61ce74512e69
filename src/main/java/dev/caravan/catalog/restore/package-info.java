/** What the catalog knows of bringing files back. */
@NullMarked
package dev.caravan.catalog.restore;

import org.jspecify.annotations.NullMarked;
