/** SQLite files: how they are opened, and where the driver's native library comes from. */
@NullMarked
package dev.caravan.sqlite;

import org.jspecify.annotations.NullMarked;
