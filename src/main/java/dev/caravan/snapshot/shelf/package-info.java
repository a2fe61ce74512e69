/** The snapshots that lie at a prefix, and which of them are whole. */
@NullMarked
package dev.caravan.snapshot.shelf;

import org.jspecify.annotations.NullMarked;
