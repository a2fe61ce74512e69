/** Serves the content of files. */
@NullMarked
package dev.caravan.control.content;

import org.jspecify.annotations.NullMarked;
