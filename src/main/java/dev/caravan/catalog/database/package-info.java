/** What the catalog knows of snapshots of databases that are in use. */
@NullMarked
package dev.caravan.catalog.database;

import org.jspecify.annotations.NullMarked;
