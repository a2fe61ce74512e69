/** Brings a snapshot, or a mirror, back into a folder. */
@NullMarked
package dev.caravan.snapshot.restore;

import org.jspecify.annotations.NullMarked;
