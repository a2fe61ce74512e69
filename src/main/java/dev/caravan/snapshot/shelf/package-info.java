/** What can be restored from a prefix, whoever wrote it there. */
@NullMarked
package dev.caravan.snapshot.shelf;

import org.jspecify.annotations.NullMarked;
