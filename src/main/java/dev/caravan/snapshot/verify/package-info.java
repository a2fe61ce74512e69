/** Asks whether what a manifest lists is there, and is what was stored. */
@NullMarked
package dev.caravan.snapshot.verify;

import org.jspecify.annotations.NullMarked;
