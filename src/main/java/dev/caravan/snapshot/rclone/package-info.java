/** A backup with the rclone binary, as the upstream image makes it. */
@NullMarked
package dev.caravan.snapshot.rclone;

import org.jspecify.annotations.NullMarked;
