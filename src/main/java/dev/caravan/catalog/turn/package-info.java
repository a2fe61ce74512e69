/** Keeps the runs apart that must not work on the store at the same time. */
@NullMarked
package dev.caravan.catalog.turn;

import org.jspecify.annotations.NullMarked;
