/** Puts folders and links in their places, and gives things their owners, permissions and times. */
@NullMarked
package dev.caravan.store.place;

import org.jspecify.annotations.NullMarked;
