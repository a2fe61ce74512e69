/** What a check looks at beside files: folders, links, copies of the catalog, begun uploads. */
@NullMarked
package dev.caravan.check.node;

import org.jspecify.annotations.NullMarked;
