/** What is written to standard error, and in which form. */
@NullMarked
package dev.caravan.log;

import org.jspecify.annotations.NullMarked;
