/** What the catalog knows of files that lie under another path now. */
@NullMarked
package dev.caravan.catalog.rename;

import org.jspecify.annotations.NullMarked;
