/** The ways in which files get to an archive's destination, and what it says of them there. */
@NullMarked
package dev.caravan.archive.carry;

import org.jspecify.annotations.NullMarked;
