/** What the store has beside files: folders and symbolic links. */
@NullMarked
package dev.caravan.catalog.node;

import org.jspecify.annotations.NullMarked;
