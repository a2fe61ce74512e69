/** SQL with named values on SQLite: connections, and the statements prepared on them. */
@NullMarked
package dev.caravan.catalog.sql;

import org.jspecify.annotations.NullMarked;
