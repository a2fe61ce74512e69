/** Brings the record of uploads in parts to the remotes that can go on with them. */
@NullMarked
package dev.caravan.upload;

import org.jspecify.annotations.NullMarked;
