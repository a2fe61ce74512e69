/** How hard a remote is worked: as hard as it bears, found out by itself. */
@NullMarked
package dev.caravan.remote.flow;

import org.jspecify.annotations.NullMarked;
