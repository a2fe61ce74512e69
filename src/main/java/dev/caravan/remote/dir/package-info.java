/** A mounted disk or share as a remote: plain files under the names they have in the store. */
@NullMarked
package dev.caravan.remote.dir;

import org.jspecify.annotations.NullMarked;
