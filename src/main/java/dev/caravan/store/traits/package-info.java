/** Giving files, folders and links the time, the permissions and the owner that they had. */
@NullMarked
package dev.caravan.store.traits;

import org.jspecify.annotations.NullMarked;
