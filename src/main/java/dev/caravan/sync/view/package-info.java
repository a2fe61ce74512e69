/** What the store and the mirror look like from outside. */
@NullMarked
package dev.caravan.sync.view;

import org.jspecify.annotations.NullMarked;
