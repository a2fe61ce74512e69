/** The mirror: detect, plan, move, prove, record. */
@NullMarked
package dev.caravan.sync;

import org.jspecify.annotations.NullMarked;
