/** The files of routes: where they lie, what they may count on, and what is wrong with one. */
@NullMarked
package dev.caravan.route;

import org.jspecify.annotations.NullMarked;
