/** Folders and symbolic links of the store: reading links, and making both anew. */
@NullMarked
package dev.caravan.store.node;

import org.jspecify.annotations.NullMarked;
