/** The record of uploads in parts, by which one that was cut off is gone on with. */
@NullMarked
package dev.caravan.catalog.upload;

import org.jspecify.annotations.NullMarked;
