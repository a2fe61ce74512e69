/** The local tree: scanning, names, the marker that says it is mounted, safe writes. */
@NullMarked
package dev.caravan.store;

import org.jspecify.annotations.NullMarked;
