/** What a check looks at beside files: folders, links, and the copies of the catalog. */
@NullMarked
package dev.caravan.check.node;

import org.jspecify.annotations.NullMarked;
