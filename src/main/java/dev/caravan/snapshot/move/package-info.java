/** One backup of a folder: what is to be done for each file, and its doing. */
@NullMarked
package dev.caravan.snapshot.move;

import org.jspecify.annotations.NullMarked;
