/** Snapshots of a folder in object storage: dated, complete once their manifest is there. */
@NullMarked
package dev.caravan.snapshot;

import org.jspecify.annotations.NullMarked;
