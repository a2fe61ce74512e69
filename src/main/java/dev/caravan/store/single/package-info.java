/** A single file anywhere on the disks of this machine: looked at, hashed, removed. */
@NullMarked
package dev.caravan.store.single;

import org.jspecify.annotations.NullMarked;
