/** The record of Dgraph's exports: one row each, from the answer that told of it to its proof. */
@NullMarked
package dev.caravan.catalog.export;

import org.jspecify.annotations.NullMarked;
