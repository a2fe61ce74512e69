/** When a timecode directory is finished, and how that is announced. */
@NullMarked
package dev.caravan.archive.timecode;

import org.jspecify.annotations.NullMarked;
