/** Decides what a cycle does; pure. */
@NullMarked
package dev.caravan.sync.plan;

import org.jspecify.annotations.NullMarked;
