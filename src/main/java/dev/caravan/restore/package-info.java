/**
 * Brings files back that left the disk: for a reader who asks for one, or many at once in a run.
 * What comes back is compared with what was proven, and appears whole or not at all.
 */
@NullMarked
package dev.caravan.restore;

import org.jspecify.annotations.NullMarked;
