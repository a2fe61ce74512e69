/** Caravan keeps a local store mirrored off-box. */
@NullMarked
package dev.caravan;

import org.jspecify.annotations.NullMarked;
