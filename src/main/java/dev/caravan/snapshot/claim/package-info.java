/** Whose files lie at a prefix of a bucket, and that no two sources share one. */
@NullMarked
package dev.caravan.snapshot.claim;

import org.jspecify.annotations.NullMarked;
