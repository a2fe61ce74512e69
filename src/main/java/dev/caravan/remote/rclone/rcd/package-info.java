/** One {@code rclone rcd} child: how it lives and dies, what it is asked, what it may fetch. */
@NullMarked
package dev.caravan.remote.rclone.rcd;

import org.jspecify.annotations.NullMarked;
