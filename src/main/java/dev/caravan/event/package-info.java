/** The vocabulary every room shares: what a file, a run and an event are called. */
@NullMarked
package dev.caravan.event;

import org.jspecify.annotations.NullMarked;
