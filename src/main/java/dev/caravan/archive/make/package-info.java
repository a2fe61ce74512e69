/** Puts the archives of a process together. */
@NullMarked
package dev.caravan.archive.make;

import org.jspecify.annotations.NullMarked;
