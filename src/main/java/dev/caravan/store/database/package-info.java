/** SQLite databases that lie in the store, and that programs may have open. */
@NullMarked
package dev.caravan.store.database;

import org.jspecify.annotations.NullMarked;
