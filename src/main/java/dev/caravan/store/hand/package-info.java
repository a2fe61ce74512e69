/** Which files Caravan itself brings into the store at this moment. */
@NullMarked
package dev.caravan.store.hand;

import org.jspecify.annotations.NullMarked;
