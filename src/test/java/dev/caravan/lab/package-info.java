/** Real servers for tests, started from {@code src/test/lab}. */
@NullMarked
package dev.caravan.lab;

import org.jspecify.annotations.NullMarked;
