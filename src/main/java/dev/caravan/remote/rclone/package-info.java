/** Whatever rclone reaches as a remote, through one long-lived {@code rclone rcd} child. */
@NullMarked
package dev.caravan.remote.rclone;

import org.jspecify.annotations.NullMarked;
