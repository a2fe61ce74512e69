/** What the environment of a mover says: read once, checked as a whole, all faults told at once. */
@NullMarked
package dev.caravan.snapshot.env;

import org.jspecify.annotations.NullMarked;
