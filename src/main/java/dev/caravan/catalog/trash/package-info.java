/** What the catalog knows of the trash at the remotes. */
@NullMarked
package dev.caravan.catalog.trash;

import org.jspecify.annotations.NullMarked;
